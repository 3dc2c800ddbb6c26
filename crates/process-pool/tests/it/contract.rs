//! The contract of `ProcessPoolExecutor`, row by row, and the tests that prove each row
//! for this pool. Where the pool differs on purpose, the row says so.

/// How a row is proven.
enum Proof {
    /// By these tests.
    Tests(&'static [&'static str]),
    /// It needs no proof, for this reason.
    None(&'static str),
}

use Proof::{None, Tests};

#[rustfmt::skip]
const ROWS: &[(&str, &str, Proof)] = &[
    // Submitting and mapping.
    ("PP-01", "the same results for every chunk size, in order", Tests(&["map_gives_the_same_for_every_chunk_size", "map_keeps_the_order_whatever_finishes_first"])),
    ("PP-02", "a chunk of nothing is refused", None("NonZeroUsize cannot say it; pool-probe refuses it: every_task_of_the_probe_ends_as_it_says")),
    ("PP-03", "a failing item leaves the rest of its chunk alone (better than Python)", Tests(&["a_failing_item_leaves_the_rest_of_its_chunk_alone", "an_argument_that_cannot_be_decoded_leaves_the_rest_of_its_chunk_alone"])),
    ("PP-04", "an error arrives as a value, a panic with its message and place", Tests(&["an_error_arrives_as_the_value_it_is", "a_panic_arrives_with_its_message_and_place_and_the_worker_lives_on", "the_panic_that_ends_a_task_is_told_with_its_own_place", "the_panic_that_ends_a_task_is_not_printed_as_well"])),
    ("PP-05", "sys.exit in a task", None("process::exit cannot be caught: it is a death, CR-03")),
    ("PP-06", "an argument that cannot be serialised fails alone", Tests(&["an_argument_that_cannot_be_serialised_fails_alone", "a_panic_while_serialising_an_argument_is_the_callers_own"])),
    ("PP-07", "a result that cannot be serialised fails alone", Tests(&["a_result_that_cannot_be_serialised_fails_alone"])),
    ("PP-08", "an argument the worker cannot decode fails alone", Tests(&["an_argument_that_cannot_be_decoded_fails_alone", "an_argument_that_cannot_be_decoded_leaves_the_rest_of_its_chunk_alone", "what_the_decoder_says_arrives_in_both_directions"])),
    ("PP-09", "a result the parent cannot decode fails alone", Tests(&["a_result_that_cannot_be_decoded_fails_alone", "a_result_that_cannot_be_decoded_leaves_the_rest_of_its_chunk_alone", "what_the_decoder_says_arrives_in_both_directions", "a_panic_while_a_result_is_decoded_harms_nobody_else"])),
    ("PP-10", "big payloads both ways at once", Tests(&["big_payloads_travel_both_ways_at_once", "results_are_bytes_for_bytes"])),
    ("PP-11", "submitting never blocks", Tests(&["submitting_never_blocks"])),
    ("PP-12", "workers on demand, idle ones reused, never too many", Tests(&["workers_are_started_on_demand_and_idle_ones_reused", "an_empty_map_starts_no_worker"])),
    ("PP-13", "the default is the usable CPUs; nonsense is refused", Tests(&["absurd_numbers_of_workers_are_refused_and_the_default_is_the_cpus"])),
    ("PP-14", "one pool, several threads, and callbacks", Tests(&["threads_share_a_pool", "a_callback_may_submit"])),
    ("PP-15", "a task's standard input is empty", Tests(&["standard_input_is_empty_in_a_task"])),
    ("PP-16", "what a task prints, the program prints", Tests(&["what_a_task_prints_is_what_the_program_prints", "a_task_may_close_the_standard_streams", "a_closed_standard_output_is_no_matter"])),
    ("PP-17", "a worker holds no other descriptors", Tests(&["a_worker_holds_no_other_descriptors"])),
    ("PP-18", "no fork bomb", Tests(&["a_program_without_an_entry_builds_no_pool", "a_worker_started_by_hand_says_so", "a_command_that_loses_the_mark", "programs_that_start_each_other"])),
    ("PP-19", "pools in workers, down to a limit", Tests(&["a_pool_may_be_used_in_a_worker_down_to_a_limit", "a_workers_children_are_ordinary_programs"])),
    ("PP-20", "a deleted or replaced program is no hang", Tests(&["a_deleted_or_replaced_program_still_starts_workers", "an_odd_name_and_an_empty_environment_are_no_matter", "a_program_that_is_replaced"])),
    // Deaths. The pool contains them: exactly one task fails, and it goes on.
    ("CR-01", "a death fails exactly its task", Tests(&["a_death_fails_exactly_its_task_and_the_pool_goes_on", "workers_killed_at_random_lose_only_what_they_ran"])),
    ("CR-02", "after a death the pool takes tasks; when broken it refuses them", Tests(&["a_death_fails_exactly_its_task_and_the_pool_goes_on", "a_broken_pool_fails_everything_and_refuses_more"])),
    ("CR-03", "exit code 0 is a death", Tests(&["an_exit_with_code_0_is_a_death"])),
    ("CR-04", "the error says how", Tests(&["the_error_names_the_signal"])),
    ("CR-05", "the same at any stage of a task", Tests(&["a_crash_at_any_stage_of_a_task_is_the_same"])),
    ("CR-06", "no deadlock while a big task is written", Tests(&["a_crash_while_a_big_task_is_written_is_no_deadlock"])),
    ("CR-07", "a broken pool ends and reaps its workers", Tests(&["a_broken_pool_leaves_nobody"])),
    ("CR-08", "errors can be cloned", Tests(&["an_error_can_be_cloned_and_shared"])),
    ("CR-09", "a crash during shutdown is no deadlock", Tests(&["a_crash_after_the_shutdown_began_does_not_hang_it"])),
    ("CR-10", "an idle worker's death is noticed, and costs nothing", Tests(&["an_idle_workers_death_is_noticed_and_costs_no_task", "a_task_for_a_worker_that_dies_just_then_is_run_or_named", "a_task_for_a_worker_that_was_killed_while_idle_is_run_by_another", "a_task_that_had_begun_never_runs_again"])),
    ("CR-11", "many deaths at once", Tests(&["many_deaths_at_once_are_each_their_own"])),
    ("CR-12", "a new pool works after a break", Tests(&["a_broken_pool_fails_everything_and_refuses_more"])),
    ("CR-13", "noticed through the process, not through end-of-file", Tests(&["death_is_noticed_though_a_grandchild_holds_the_channel"])),
    ("CR-14", "killed in the middle of a result, or sending anything else", Tests(&["a_worker_killed_while_it_sends_its_result_is_a_death", "a_worker_that_breaks_the_protocol_is_named_and_replaced"])),
    // The end.
    ("SD-01", "leaving the block finishes everything", Tests(&["dropping_a_pool_finishes_everything_submitted", "a_panic_in_the_block_does_not_change_that"])),
    ("SD-02", "nothing is taken afterwards", Tests(&["nothing_is_taken_after_a_shutdown"])),
    ("SD-03", "closing returns at once, everything completes", Tests(&["closing_returns_at_once_and_everything_is_finished"])),
    ("SD-04", "cancelling the queue", Tests(&["cancelling_the_queue_leaves_what_runs_alone", "a_callback_that_submits_again_is_refused_once_the_pool_is_shut_down"])),
    ("SD-05", "the last owner may be anybody", Tests(&["dropping_a_pool_finishes_everything_submitted", "the_last_owner_may_be_a_callback"])),
    ("SD-06", "the program does not end before its tasks", Tests(&["dropping_a_pool_finishes_everything_submitted"])),
    ("SD-07", "no child, thread, descriptor or memory is left", Tests(&["dropping_a_pool_finishes_everything_submitted", "pools_leave_nothing_behind"])),
    ("SD-08", "killing", Tests(&["killing_ends_everything_soon", "killing_is_harmless_before_the_start_and_after_a_death", "a_killed_worker_leaves_no_worker_of_its_own", "nobody_waits_for_a_worker_that_does_not_come"])),
    ("SD-09", "a killed parent leaves nobody (Python's does)", Tests(&["a_killed_parent_leaves_no_worker", "a_terminated_parent_leaves_no_worker", "an_orphan_that_holds_descriptors_keeps_no_inner_worker_alive", "a_copy_of_the_parent_or_of_the_worker_keeps_no_worker_alive"])),
    ("SD-10", "Ctrl-C ends all", Tests(&["an_interrupted_parent_leaves_no_worker", "an_interrupted_group_leaves_no_worker"])),
    ("SD-11", "races at the end", Tests(&["races_at_the_end_end_cleanly", "several_threads_may_shut_down_while_others_submit"])),
    ("SD-12", "twice is harmless", Tests(&["nothing_is_taken_after_a_shutdown"])),
    ("SD-13", "a worker that cannot be started frees the others", Tests(&["a_worker_that_cannot_be_started_breaks_the_pool_and_frees_the_others", "a_failed_start_kills_nobody", "a_program_that_is_no_worker_breaks_the_pool", "a_passing_shortage_harms_nobody", "starts_that_always_fail_break_the_pool_after_a_few"])),
    // Settings.
    ("IN-01", "once per worker, before its first task", Tests(&["an_initializer_runs_once_in_every_worker_before_its_first_task"])),
    ("IN-02", "a failure breaks the pool and says why", Tests(&["a_failing_initializer_breaks_the_pool_and_says_why", "a_dying_initializer_breaks_the_pool_and_says_how", "a_death_in_the_initializer_is_told_as_such"])),
    ("IN-03", "and leaks nothing", Tests(&["a_broken_pool_leaves_nobody"])),
    ("IN-04", "replacements run it too", Tests(&["an_initializer_runs_once_in_every_worker_before_its_first_task"])),
    ("MT-01", "exactly n tasks, a chunk is one", Tests(&["a_worker_does_exactly_its_share_of_tasks", "a_chunk_counts_as_one_task"])),
    ("MT-02", "a backlog beyond the limit (Python hangs)", Tests(&["a_backlog_beyond_the_limit_is_worked_off"])),
    ("MT-03", "shutdown right after submitting", Tests(&["a_shutdown_right_after_submitting_still_delivers_everything"])),
    ("MT-04", "0 is refused", Tests(&["a_limit_of_no_tasks_is_refused"])),
    ("MT-05", "the retired are reaped, the number stays", Tests(&["a_worker_does_exactly_its_share_of_tasks", "the_number_of_workers_stays_at_the_maximum"])),
    ("MT-06", "no replacement: the queue fails at once", Tests(&["a_replacement_that_cannot_be_started_fails_what_is_queued"])),
    // Handles.
    ("CA-01", "only what has not started can be cancelled", Tests(&["only_what_has_not_started_can_be_cancelled", "a_cancelled_task_never_runs"])),
    ("CA-02", "who waits is told", Tests(&["who_waits_for_a_cancelled_task_is_told"])),
    ("CA-03", "callbacks run once", Tests(&["callbacks_run_once_for_every_end", "a_slow_callback_holds_up_no_task", "a_callback_that_panics_twice_costs_nothing"])),
    ("CA-04", "no worker holds a task back (Python's queue does)", Tests(&["no_worker_holds_a_task_back"])),
    ("AC-01", "each once, in order of completion", Tests(&["as_completed_gives_each_once_in_order_of_completion"])),
    ("AC-02", "duplicates", None("a handle is owned, so there are none")),
    ("AC-03", "one limit for all; what is finished comes first", Tests(&["as_completed_has_one_limit_for_all"])),
    ("AC-04", "one failure does not end it", Tests(&["one_failure_does_not_end_as_completed"])),
    ("AC-05", "leaving early cancels nothing; it can be resumed", Tests(&["as_completed_can_be_left_and_resumed"])),
    ("AC-06", "which input it was", Tests(&["as_completed_gives_each_once_in_order_of_completion"])),
    ("AC-07", "tasks go on while the consumer is busy", Tests(&["tasks_go_on_while_the_consumer_is_busy"])),
    ("WT-01", "all completed: nothing is raised", Tests(&["waiting_for_the_first_and_for_a_failure"])),
    ("WT-02", "first completed: the others go on", Tests(&["waiting_for_the_first_and_for_a_failure"])),
    ("WT-03", "first exception", Tests(&["waiting_for_the_first_and_for_a_failure"])),
    ("WT-04", "a limit cancels nothing", Tests(&["as_completed_has_one_limit_for_all", "giving_up_a_wait_leaves_the_task_running"])),
    ("WT-05", "asyncio refuses an empty set", None("as_completed of nothing ends at once, as an iterator does")),
    ("WT-06", "giving up waiting leaves the tasks alone", Tests(&["giving_up_a_wait_leaves_the_task_running", "a_dropped_handle_leaves_the_task_alone"])),
];

const SOURCES: &[&str] = &[
    include_str!("callbacks.rs"),
    include_str!("channels.rs"),
    include_str!("crash.rs"),
    include_str!("decoding.rs"),
    include_str!("handles.rs"),
    include_str!("map.rs"),
    include_str!("panics.rs"),
    include_str!("parents.rs"),
    include_str!("program.rs"),
    include_str!("settings.rs"),
    include_str!("shutdown.rs"),
    include_str!("starting.rs"),
    include_str!("../programs/main.rs"),
];

#[test]
fn every_row_has_its_proof() {
    let mut expected = Vec::new();
    for (group, rows) in [("PP", 20), ("CR", 14), ("SD", 13), ("IN", 4), ("MT", 6)] {
        expected.extend((1..=rows).map(|n| format!("{group}-{n:02}")));
    }
    for (group, rows) in [("CA", 4), ("AC", 7), ("WT", 6)] {
        expected.extend((1..=rows).map(|n| format!("{group}-{n:02}")));
    }
    let listed: Vec<_> = ROWS.iter().map(|(row, ..)| *row).collect();
    assert_eq!(listed, expected);

    for (row, what, proof) in ROWS {
        match proof {
            None(reason) => assert!(!reason.is_empty(), "{row}"),
            Tests(tests) => {
                assert!(!tests.is_empty(), "{row}: {what}: no test");
                for test in *tests {
                    // A test in this folder, or one of the programs in `tests/programs`.
                    let definitions = [
                        format!("#[test]\nfn {test}() {{"),
                        format!("    (\"{test}\", {test}),"),
                    ];
                    let found = SOURCES.iter().any(|source| {
                        definitions
                            .iter()
                            .any(|definition| source.contains(definition))
                    });
                    assert!(found, "{row}: {what}: there is no test {test}");
                }
            }
        }
    }
}
