//! The workspace as cargo sees it: its members, and which crates it compiles for one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::root;

/// The workspace, read once.
pub static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::read);

/// What `cargo metadata` says, as far as tests look at it.
pub struct Workspace {
    /// The members, by name.
    pub members: BTreeMap<String, Member>,
    /// Every package, by its id.
    packages: BTreeMap<String, Package>,
}

/// A member of the workspace.
pub struct Member {
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// The names of its examples.
    pub examples: Vec<String>,
    id: String,
}

struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    id: String,
    /// Whether tests and examples alone need it.
    is_dev: bool,
}

impl Workspace {
    /// Asks cargo in the root: there cargo unites the features that all members ask for.
    fn read() -> Workspace {
        let version = text(Command::new("rustc").arg("-vV"));
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let json = text(
            Command::new(env!("CARGO"))
                .args(["metadata", "--locked", "--format-version", "1"])
                .args(["--filter-platform", host.expect("rustc names its host")])
                .current_dir(root()),
        );
        let json: Value = serde_json::from_str(&json).expect("cargo prints JSON");

        let mut members = BTreeMap::new();
        let mut packages = BTreeMap::new();
        for package in array(&json["packages"]) {
            let id = string(&package["id"]);
            let name = string(&package["name"]);
            if array(&json["workspace_members"]).contains(&package["id"]) {
                let member = Member {
                    manifest: string(&package["manifest_path"]).into(),
                    examples: examples(package),
                    id: id.clone(),
                };
                members.insert(name.clone(), member);
            }
            let dependencies = Vec::new();
            packages.insert(id, Package { name, dependencies });
        }
        for node in array(&json["resolve"]["nodes"]) {
            let package = packages.get_mut(&string(&node["id"]));
            let package = package.expect("a node is a package");
            for dependency in array(&node["deps"]) {
                let kinds = array(&dependency["dep_kinds"]);
                package.dependencies.push(Dependency {
                    id: string(&dependency["pkg"]),
                    is_dev: kinds.iter().all(|kind| kind["kind"] == "dev"),
                });
            }
        }
        Workspace { members, packages }
    }

    /// The crates that cargo compiles for an example of a member, beside the example itself:
    /// the ids of their packages.
    pub fn crates_for_example(&self, member: &str) -> BTreeSet<&str> {
        self.with_all_below(self.dependencies(member).map(|it| &it.id).collect())
    }

    /// The same for a program in `src/bin`.
    pub fn crates_for_program(&self, member: &str) -> BTreeSet<&str> {
        let dependencies = self.dependencies(member).filter(|it| !it.is_dev);
        self.with_all_below(dependencies.map(|it| &it.id).collect())
    }

    /// The crates that cargo compiles if a member needs only the crates `needs`. Panics if it
    /// does not depend on one of them.
    pub fn crates_for_needs(&self, member: &str, needs: &[String]) -> BTreeSet<&str> {
        let id = |need: &String| {
            let mut dependencies = self.dependencies(member);
            let dependency = dependencies.find(|it| self.packages[&it.id].name == *need);
            &dependency
                .unwrap_or_else(|| panic!("{member} lacks {need}"))
                .id
        };
        self.with_all_below(needs.iter().map(id).collect())
    }

    /// The name of a package.
    pub fn name(&self, id: &str) -> &str {
        &self.packages[id].name
    }

    fn dependencies(&self, member: &str) -> impl Iterator<Item = &Dependency> {
        let member = &self.members[member];
        self.packages[&member.id].dependencies.iter()
    }

    /// These packages, and what they depend on.
    fn with_all_below<'a>(&'a self, mut next: Vec<&'a String>) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        while let Some(id) = next.pop() {
            if found.insert(id.as_str()) {
                let dependencies = self.packages[id].dependencies.iter();
                next.extend(dependencies.filter(|it| !it.is_dev).map(|it| &it.id));
            }
        }
        found
    }
}

/// The names of a package's examples.
fn examples(package: &Value) -> Vec<String> {
    let targets = array(&package["targets"]).iter();
    targets
        .filter(|target| array(&target["kind"]).iter().any(|kind| kind == "example"))
        .map(|target| string(&target["name"]))
        .collect()
}

/// What a command prints.
fn text(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn string(value: &Value) -> String {
    value.as_str().expect("it is a text").to_owned()
}
