//! The command line and the report of the `*-thumbnails` pages.

use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::addresses::parse_url;
use crate::exit::Exit;
use crate::fetching::{self, Demo, Fetching};
use crate::http::FetchError;
use crate::options::{Page, parse, parse_with_server, refuse, report};
use crate::print::{shown, without_passwords};
use crate::site::Site;

/// The largest size. Any thumbnail of this size fits into a message of the job queue.
const MAX_SIZE: u16 = 1024;

/// The command line of the `*-thumbnails` pages.
#[derive(Args, Debug)]
pub struct ThumbnailsOptions {
    /// Shrink each photo to fit a square of this size, 1 to 1024
    #[arg(long, value_name = "PIXELS", default_value_t = 128, value_parser = parse_size,
          allow_hyphen_values = true)]
    size: u16,

    /// Write the thumbnails to this folder: the first one to 1.jpg, the second to 2.jpg, ...
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,

    #[command(flatten)]
    fetching: Fetching,
}

/// A photo to make a thumbnail of: the argument of a page's work function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Its address.
    pub url: String,
    /// The thumbnail's largest width and height, in pixels.
    pub size: u16,
}

/// Why there is no thumbnail of a photo. It can be sent between processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThumbnailError {
    /// The photo could not be fetched.
    Fetch(FetchError),
    /// It could not be shrunk, for this reason.
    Shrink(String),
}

impl ThumbnailError {
    /// The error for a failure of the function that shrinks.
    pub fn shrink(error: impl Display) -> Self {
        ThumbnailError::Shrink(error.to_string())
    }

    /// The text for the report.
    fn report(&self, requested: &str) -> String {
        match self {
            ThumbnailError::Fetch(error) => error.report(requested),
            // It may be the text of a library.
            ThumbnailError::Shrink(reason) => shown(reason),
        }
    }
}

impl fmt::Display for ThumbnailError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ThumbnailError::Fetch(error) => error.fmt(f),
            ThumbnailError::Shrink(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ThumbnailError {}

impl From<FetchError> for ThumbnailError {
    fn from(error: FetchError) -> Self {
        ThumbnailError::Fetch(error)
    }
}

impl From<reqwest::Error> for ThumbnailError {
    fn from(error: reqwest::Error) -> Self {
        ThumbnailError::Fetch(error.into())
    }
}

impl ThumbnailsOptions {
    /// Reads the command line. Ends the program if it is wrong. Starts the demo site if it
    /// names no address. `--help` shows `python`, the Python counterpart of the page.
    pub fn parse(python: &str) -> Self {
        parse(python)
    }

    /// As [`parse`](Self::parse), for a page that can send its work to other machines. `S`
    /// holds the options for that, such as `--server`.
    pub fn parse_with_server<S: Args>(python: &str) -> (Self, S) {
        parse_with_server(python)
    }

    /// Checks a photo that comes from another program.
    ///
    /// # Errors
    ///
    /// The command line does not accept it either.
    pub fn check(photo: &Photo) -> Result<(), String> {
        parse_url(&photo.url)?;
        check_size(photo.size).map(drop)
    }

    /// How many to fetch at a time: `--max-workers`, but not more than the limit of open files
    /// allows. If that is less, a note says so.
    pub fn max_workers(&self) -> usize {
        self.fetching.max_workers()
    }

    /// The photos to make thumbnails of.
    pub fn photos(&self) -> impl Iterator<Item = Photo> + use<> {
        let size = self.size;
        self.fetching.urls().map(move |url| Photo { url, size })
    }

    /// Prints each address with the size of its thumbnail on stdout, or with its error on
    /// stderr. With `--output`, writes the files. The results must be in the order of
    /// [`photos`](Self::photos).
    pub fn report<T: AsRef<[u8]> + Display, E: Into<anyhow::Error>>(
        &self,
        results: impl IntoIterator<Item = Result<T, E>>,
    ) -> Exit {
        let items = self.fetching.urls().zip(1..).zip(results);
        let results = items.map(|((url, number), result)| match result {
            Ok(thumbnail) => self.write(number, thumbnail.as_ref()).map(|()| thumbnail),
            Err(error) => {
                let error = error.into();
                // Any other error is one of the pool.
                Err(match error.downcast_ref::<ThumbnailError>() {
                    Some(error) => error.report(&url),
                    None => error.to_string(),
                })
            }
        });
        report(self.fetching.urls(), results, |url, thumbnail| {
            let url = without_passwords(url);
            Some(format!("URL: {url}, Thumbnail: {thumbnail}"))
        })
    }

    /// Writes a thumbnail if the command line has `--output`.
    fn write(&self, number: usize, jpeg: &[u8]) -> Result<(), String> {
        let Some(folder) = &self.output else {
            return Ok(());
        };
        let file = folder.join(format!("{number}.jpg"));
        write_whole(&file, jpeg)
            .map_err(|error| format!("cannot write {}: {error}", file.display()))
    }
}

impl Page for ThumbnailsOptions {
    const WHAT: &str = "Fetches photos and shrinks them";
    const EXAMPLE: &str = "--size 200 --output thumbnails https://example.org/photo.jpg";
    const NOTES: &str = fetching::NOTES;

    fn completed(mut self) -> Self {
        // Check this before anything is fetched. Otherwise the photos would be lost.
        if let Some(folder) = &self.output {
            make_folder(folder).unwrap_or_else(|error| {
                refuse::<Self>(format!("--output {}: {error}", folder.display()))
            });
        }
        self.fetching.complete::<Self>(&Demo {
            addresses: Site::photos,
            note: "no address given: fetching photos from a demo site in this program",
        });
        self
    }
}

fn parse_size(text: &str) -> Result<u16, String> {
    let problem = |_| format!("not a whole number from 1 to {MAX_SIZE}");
    text.parse().map_err(problem).and_then(check_size)
}

fn check_size(size: u16) -> Result<u16, String> {
    match size {
        1..=MAX_SIZE => Ok(size),
        _ => Err(format!("not a whole number from 1 to {MAX_SIZE}")),
    }
}

/// Makes a folder if it does not exist. Fails if no file can be written there.
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = unfinished(&folder.join("probe"));
    File::create(&probe)?;
    fs::remove_file(probe)
}

/// Writes a file whole or not at all. Even if the program is killed, the file has its old
/// content or all of `content`.
fn write_whole(file: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = unfinished(file);
    let written = File::create(&unfinished)
        .and_then(|mut new| new.write_all(content))
        .and_then(|()| fs::rename(&unfinished, file));
    written.inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

/// The temporary name of a file until it is whole. Two programs that write the same file at the
/// same time have different names.
fn unfinished(file: &Path) -> PathBuf {
    file.with_extension(format!("unfinished-{}", process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_of_another_program_is_checked_like_one_of_the_command_line() {
        let photo = |url: &str, size| Photo {
            url: url.to_owned(),
            size,
        };
        let check = |url, size| ThumbnailsOptions::check(&photo(url, size));
        assert_eq!(check("http://a/b.jpg", 128), Ok(()));
        for (url, size) in [("file:///a", 128), ("http://a/", 0), ("http://a/", 1025)] {
            assert!(check(url, size).is_err(), "{url}, {size}");
        }
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = std::env::temp_dir().join(format!("write-whole-{}", process::id()));
        let file = folder.join("1.jpg");
        assert!(write_whole(&file, b"without a folder").is_err());
        make_folder(&folder.join("deep")).unwrap();
        for content in [&b"first"[..], b"second"] {
            write_whole(&file, content).unwrap();
            assert_eq!(fs::read(&file).unwrap(), content);
        }
        // The file cannot be written, because it is a folder.
        assert!(write_whole(&folder.join("deep"), b"").is_err());
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["1.jpg", "deep"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
