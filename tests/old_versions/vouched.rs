//! What the ledger vouches for about versions that are not the latest: which there are, when they were replaced, and whether somebody in them was
//! erased since. And sets that no run looks after any more.

use std::fs;
use std::path::{Path, PathBuf};

use gallra::progress::Silent;
use gallra::report::RunReport;
use gallra::run::vouch_for_latest;
use gallra::session::locate;
use gallra::verify::Verification;
use jiff::SignedDuration;
use serde_json::Value;

use super::night::{Night, Store};
use super::{PIPELINE, TABLES, TOTALS, company, finding, findings, latest, states};

/// A day later.
fn later(night: &mut Night, days: i64) {
    night.now += SignedDuration::from_hours(24 * days);
}

fn change(night: &Night, day: u32) {
    night.on_the_store(&format!("UPDATE sale SET sold = '2026-02-{day:02}' WHERE id = 1"));
}

fn sales(night: &Night) -> PathBuf {
    night.folder.path().join("published/sales")
}

fn led(night: &Night) -> Value {
    serde_json::from_slice(&fs::read(sales(night).join("latest.json")).unwrap()).unwrap()
}

fn forge_latest(night: &Night, forge: impl FnOnce(&mut Value)) {
    let mut value = led(night);
    forge(&mut value);
    fs::write(sales(night).join("latest.json"), serde_json::to_vec(&value).unwrap()).unwrap();
}

fn looks(run: &RunReport) -> Vec<String> {
    run.sets.iter().flat_map(|set| set.looks()).map(|(look, _)| look).collect()
}

fn notes(run: &RunReport) -> Vec<String> {
    run.sets.iter().flat_map(|set| set.notes()).map(|(note, _)| note).collect()
}

fn versions(night: &Night) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(sales(night)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("v-"));
    names.sort();
    names
}

fn verification(night: &Night) -> Verification {
    night.with_world(|world| gallra::verify::later::verify(&night.pipeline, world, &Silent)).unwrap()
}

/// A company whose first version of `sales` was replaced on the second night.
fn two_nights() -> (Night, String) {
    let mut night = company();
    let first = latest(&night, "sales").file_name().unwrap().to_string_lossy().into_owned();
    later(&mut night, 1);
    change(&night, 1);
    let run = night.run();
    assert_eq!((run.exit_code, states(&run)[0]), (0, "published"), "{:?}", run.notes);
    assert_eq!((findings(&night), verification(&night).not_checked.len()), (vec![], 2));
    (night, first)
}

/// The next night says it, the night after that does not.
fn told_once(night: &mut Night, says: &str) {
    later(night, 1);
    let run = night.run();
    let told = looks(&run);
    assert!(run.exit_code == 1 && told.len() == 1 && told[0].contains(says), "{says}: {told:#?}");
    later(night, 1);
    let run = night.run();
    assert_eq!((run.exit_code, looks(&run)), (0, vec![]), "{says}: {:?}", run.notes);
}

const SAYS_ELSE: &str = "latest.json` says something else of earlier versions than the ledger";

#[test]
fn nobody_says_that_the_erased_are_not_in_an_old_version() {
    let (mut night, first) = two_nights();
    later(&mut night, 1);
    night.on_the_store("UPDATE customer SET seen = '2020-05-01' WHERE id IN (3, 4)");
    night.run();
    assert_eq!((&led(&night)["replaced"][0]["holds_erased"], findings(&night)), (&Value::Bool(true), vec![]));
    forge_latest(&night, |latest| latest["replaced"][0]["holds_erased"] = Value::Bool(false));
    let hint = finding(&night, "published", SAYS_ELSE);
    assert!(hint.contains("`gallra run` goes by the ledger"), "{hint}");
    told_once(&mut night, SAYS_ELSE);
    assert_eq!((&led(&night)["replaced"][0]["holds_erased"], findings(&night)), (&Value::Bool(true), vec![]));
    // And it goes on its day, although `keep_versions` would keep it.
    forge_latest(&night, |latest| latest["replaced"][0]["holds_erased"] = Value::Bool(false));
    later(&mut night, 10);
    night.run();
    assert!(!versions(&night).contains(&first), "{:?}", versions(&night));
}

#[test]
fn nobody_says_when_a_version_was_replaced_but_the_ledger() {
    // Without a number to keep, the grace of seven days counts from the second night.
    let text = PIPELINE.replace("keep_versions = 3", "keep_versions = 1");
    for (at, days, stays) in [("2020-01-01T00:00:00Z", 5, true), ("2030-01-01T00:00:00Z", 9, false)] {
        let (mut night, first) = two_nights();
        fs::write(&night.pipeline, fs::read_to_string(&night.pipeline).unwrap().replace(PIPELINE, &text)).unwrap();
        forge_latest(&night, |latest| latest["replaced"][0]["at"] = at.into());
        finding(&night, "published", SAYS_ELSE);
        later(&mut night, days);
        let run = night.run();
        assert!(looks(&run)[0].contains(SAYS_ELSE), "{at}: {:?}", looks(&run));
        assert_eq!(versions(&night).contains(&first), stays, "{at}");
        assert_eq!((findings(&night), night.run().exit_code), (vec![], 0), "{at}");
    }
    // Who takes the entry out says when it was made instead.
    let (mut night, first) = two_nights();
    fs::write(&night.pipeline, fs::read_to_string(&night.pipeline).unwrap().replace(PIPELINE, &text)).unwrap();
    forge_latest(&night, |latest| latest["replaced"] = Value::Array(vec![]));
    told_once(&mut night, SAYS_ELSE);
    assert!(versions(&night).contains(&first));
}

#[test]
fn a_version_of_no_run_is_told_and_neither_kept_nor_removed_at_once() {
    let (mut night, first) = two_nights();
    let stranger = "v-20990101T000000Z-00000000";
    let (from, to) = (sales(&night).join(&first), sales(&night).join(stranger));
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    let of_stranger = |night: &Night| {
        let found = findings(night);
        found.iter().any(|finding| finding.message.contains(&format!("{stranger}` is of no run that the ledger knows")))
    };
    assert!(of_stranger(&night));
    told_once(&mut night, &format!("{stranger}` is of no run that the ledger knows; it goes when a `reader_grace` from today is over"));
    assert!(of_stranger(&night) && versions(&night).contains(&stranger.to_owned()));
    later(&mut night, 8);
    night.run();
    assert_eq!(versions(&night).len(), 2, "{:?}", versions(&night));
    assert_eq!(findings(&night), []);
    // In the ledger stands a hash of its name, which somebody else chose.
    let ledger = fs::read_to_string(night.folder.path().join("ledger/ledger.jsonl")).unwrap();
    assert!(ledger.contains(r#""kind":"set_noted""#) && !ledger.contains(stranger));
}

#[test]
fn an_old_version_that_was_made_anew_by_hand_is_told_once() {
    let (mut night, first) = two_nights();
    let manifest = sales(&night).join(&first).join("_manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"label\": \"pseudonymised\"", "\"label\":  \"pseudonymised\"")).unwrap();
    finding(&night, "published", "_manifest.json` is not what was published");
    told_once(&mut night, "_manifest.json` is not what was published; nothing but its `reader_grace` keeps it");
    later(&mut night, 8);
    night.run();
    assert_eq!((versions(&night).len(), findings(&night)), (1, vec![]));
}

/// The ledger as it was in the middle of the last run, and the database as it was before: the run never came to its end.
fn kill(night: &Night, run: impl FnOnce() -> RunReport) -> RunReport {
    let (ledger, database) = (night.folder.path().join("ledger/ledger.jsonl"), night.pipeline.with_extension("db"));
    let before = fs::read(&database).unwrap();
    let report = run();
    let text = fs::read_to_string(&ledger).unwrap();
    let (kept, end) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(end.contains("run_completed"), "{end}");
    fs::write(&ledger, format!("{kept}\n")).unwrap();
    fs::write(&database, before).unwrap();
    report
}

#[test]
fn what_a_killed_run_found_is_told_by_the_next() {
    type Damage = (fn(&Night), &'static str);
    let damages: [Damage; 4] = [
        (|night| fs::remove_file(sales(night).join("latest.json")).unwrap(), "it had been altered or taken away, as run "),
        (
            |night| assert!(fs::write(latest(night, "sales").join("part-0000.parquet"), "").is_ok()),
            "published partitions had been changed, as run ",
        ),
        (|night| fs::write(latest(night, "sales").join("more.parquet"), "").unwrap(), "lay what is in no manifest, as run "),
        (
            |night| forge_latest(night, |latest| latest["replaced"][0]["at"] = "2020-01-01T00:00:00Z".into()),
            "said something else of earlier versions than the ledger, as run ",
        ),
    ];
    for (damage, says) in damages {
        let (mut night, _) = two_nights();
        damage(&night);
        later(&mut night, 1);
        let killed = kill(&night, || night.run());
        assert_eq!(killed.exit_code, 1, "{says}");
        let told = format!("{says}{} found, which did not come to tell it", killed.run);
        let found = findings(&night);
        assert!(found.iter().any(|finding| finding.check == "published" && finding.message.contains(&told)), "{told}: {found:#?}");
        told_once(&mut night, &told);
        assert!(!findings(&night).iter().any(|finding| finding.message.contains("did not come to tell")), "{says}");
    }
}

#[test]
fn path_leads_nobody_to_what_the_ledger_does_not_vouch_for() {
    let (night, first) = two_nights();
    let path = || {
        night.with_world(|world| {
            let locations = locate(&night.pipeline, world).unwrap();
            let compared = vouch_for_latest(&locations, "", "sales", None);
            compared.map(|unable| assert!(unable.is_none())).map_err(|error| (error.to_string(), error.hint().unwrap()))
        })
    };
    assert_eq!(path(), Ok(()));
    let honest = fs::read(sales(&night).join("latest.json")).unwrap();
    let manifest = fs::read(sales(&night).join(&first).join("_manifest.json")).unwrap();
    let hash = gallra::pipeline::resolve::hash(&manifest);
    forge_latest(&night, |latest| {
        latest["version"] = first.clone().into();
        latest["manifest_sha256"] = hash.clone().into();
    });
    let (error, hint) = path().unwrap_err();
    assert!(
        error.starts_with("set `sales` can not be read as it was published: `") && error.contains(&format!("names `{first}`")),
        "{error}"
    );
    assert!(hint.contains("until `gallra verify` finds nothing"), "{hint}");
    // Whoever has no keyring is led as ever, and so is whoever has no ledger.
    let keys = night.folder.path().join("keys");
    fs::rename(&keys, night.folder.path().join("aside")).unwrap();
    assert_eq!(path(), Ok(()));
    fs::rename(night.folder.path().join("aside"), &keys).unwrap();
    assert!(path().is_err());
    fs::rename(night.folder.path().join("ledger"), night.folder.path().join("aside")).unwrap();
    assert_eq!(path(), Ok(()));
    fs::rename(night.folder.path().join("aside"), night.folder.path().join("ledger")).unwrap();
    fs::write(sales(&night).join("latest.json"), honest).unwrap();
    assert_eq!(path(), Ok(()));
    // A run that was killed after its switch is no forgery.
    change(&night, 9);
    kill(&night, || night.run());
    assert_eq!(path(), Ok(()));
}

#[test]
fn a_set_that_left_is_told_and_told_again_when_somebody_in_it_was_erased() {
    let (mut night, _) = two_nights();
    let text = fs::read_to_string(&night.pipeline).unwrap();
    fs::write(&night.pipeline, text.replace(TOTALS, "")).unwrap();
    let says = "the set `totals`: the pipeline does not declare it any more: its versions stay in `";
    let told = |night: &Night| verification(night).not_checked.iter().filter(|said| said.contains(says)).count();
    assert_eq!((findings(&night), told(&night)), (vec![], 1));
    later(&mut night, 1);
    let run = night.run();
    assert!(run.exit_code == 1 && looks(&run).len() == 1 && looks(&run)[0].starts_with(says), "{:?}", looks(&run));
    let run = night.run();
    assert!(run.exit_code == 0 && looks(&run).is_empty() && notes(&run)[0].starts_with(says), "{:?}", run.notes);
    // Somebody is erased who may be in it.
    night.on_the_store("UPDATE customer SET seen = '2020-05-01' WHERE id = 3");
    let run = night.run();
    let of_erased = "no run removes them, and somebody who was erased since may be in them";
    assert!(run.exit_code == 1 && looks(&run).iter().any(|look| look.contains(of_erased)), "{:?}", looks(&run));
    let hint = finding(&night, "published", of_erased);
    assert!(hint.contains("remove `"), "{hint}");
    let run = night.run();
    assert!(run.exit_code == 0 && notes(&run).iter().any(|note| note.contains(of_erased)), "{:?}", run.notes);
    fs::remove_dir_all(night.folder.path().join("published/totals")).unwrap();
    let run = night.run();
    assert_eq!((findings(&night), notes(&run).iter().any(|note| note.contains("totals")), told(&night)), (vec![], false, 0));
}

/// Two pipelines may have one output.
#[test]
fn what_another_installation_publishes_there_has_not_left() {
    let (mut night, _) = two_nights();
    let other = company();
    copy(&other.folder.path().join("published/totals"), &night.folder.path().join("published/others"));
    later(&mut night, 1);
    let run = night.run();
    assert_eq!((run.exit_code, looks(&run), notes(&run)), (0, vec![], vec![]));
}

#[test]
fn of_a_tenant_that_is_gone_the_sets_are_told() {
    let night = Night::of_fixture(Store::Sqlite, "flexybox", jiff::civil::date(2026, 11, 22));
    let run = night.run();
    let set = run.sets.iter().find(|set| set.folder.is_some() && !set.tenant.is_empty()).expect("a set of a tenant");
    let folder = PathBuf::from(set.folder.clone().unwrap()).parent().unwrap().to_owned();
    // As a tenant that there was once.
    let gone = folder.parent().unwrap().with_file_name("gone").join(folder.file_name().unwrap());
    copy(&folder, &gone);
    let says = format!("the set `{}` of the tenant `gone`: the database does not have its tenant any more", set.set);
    finding_of(&night, &says);
    // No run knows of it, so that its name may be anybody's and does not go into the ledger.
    assert!(notes(&night.run()).iter().any(|note| note.starts_with(&says)));
    let ledger = fs::read_to_string(night.with_world(|world| locate(&night.pipeline, world)).unwrap().ledger.join("ledger.jsonl")).unwrap();
    assert!(!ledger.contains("\"gone\""));
}

/// Nobody is to remove what lies where it should because the file names the folder above.
#[test]
fn an_output_a_level_too_high_is_told_as_what_it_is() {
    let (night, _) = two_nights();
    let published = night.folder.path().join("published");
    copy(&published.join("totals"), &published.join("shop/totals"));
    let said = verification(&night).not_checked;
    let said: Vec<&String> = said.iter().filter(|said| said.contains("shop/totals")).collect();
    assert!(said.len() == 1 && said[0].contains("was published to an output of its own, which stands in this one"), "{said:?}");
    assert!(said[0].contains("if `output` is a level too high") && !said[0].contains("remove"), "{said:?}");
    assert_eq!(findings(&night), vec![]);
}

#[test]
fn a_set_that_moved_is_told_once() {
    let (mut night, _) = two_nights();
    let text = fs::read_to_string(&night.pipeline).unwrap();
    fs::write(&night.pipeline, text.replacen("\n[category", "\noutput = \"elsewhere\"\n[category", 1)).unwrap();
    later(&mut night, 1);
    let run = night.run();
    let says = "it was published to another place before: its versions there stay";
    assert!(run.exit_code == 1 && looks(&run).iter().filter(|look| look.contains(says)).count() == 2, "{:?}", looks(&run));
    let run = night.run();
    assert_eq!((run.exit_code, looks(&run)), (0, vec![]));
    let not_checked = verification(&night).not_checked;
    assert!(not_checked.iter().any(|said| said.contains("the versions of the set `sales` in another place")), "{not_checked:?}");
}

#[test]
fn a_set_that_was_moved_with_its_output_needs_no_look_and_neither_does_one_that_was_moved_back() {
    let (mut night, _) = two_nights();
    let published = night.folder.path().join("published");
    let text = fs::read_to_string(&night.pipeline).unwrap();
    let elsewhere = text.replacen("\n[category", "\noutput = \"elsewhere\"\n[category", 1);
    for (pipeline, from, to) in [(&elsewhere, "published", "elsewhere"), (&text, "elsewhere", "published")] {
        fs::rename(published.with_file_name(from), published.with_file_name(to)).unwrap();
        fs::write(&night.pipeline, pipeline).unwrap();
        later(&mut night, 1);
        let run = night.run();
        let brought = |notes: &[&str]| notes.iter().filter(|note| note.contains("its last version was brought here")).count();
        let notes = notes(&run);
        assert_eq!((run.exit_code, looks(&run), brought(&notes.iter().map(AsRef::as_ref).collect::<Vec<_>>())), (0, vec![], 2), "{to}");
    }
}

/// What a truncated ledger does not know any more was not forged.
#[test]
fn a_version_that_a_truncated_ledger_lacks_is_not_called_a_stranger() {
    let (night, _) = two_nights();
    let path = night.with_world(|world| locate(&night.pipeline, world)).unwrap().ledger.join("ledger.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let starts = text.lines().enumerate().filter(|(_, line)| line.contains("run_started")).map(|(at, _)| at);
    let cut = starts.last().unwrap();
    fs::write(&path, text.lines().take(cut).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let found: Vec<String> = findings(&night).into_iter().map(|finding| finding.check).collect();
    assert_eq!(found, ["ledger"]);
}

/// A night that forgets people does not end because something odd stands in the place of a set, nor wait for ever for a pipe.
#[test]
fn what_stands_in_the_place_of_a_set_or_its_file_stops_no_night() {
    type Damage = fn(&Path);
    let pipe = |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    let in_place: [(Damage, u8); 2] = [
        (|set| fs::write(set, "").unwrap(), 1),
        (|set| assert!(std::process::Command::new("mkfifo").arg(set).status().unwrap().success()), 1),
    ];
    for (damage, code) in in_place {
        let (mut night, _) = two_nights();
        fs::remove_dir_all(sales(&night)).unwrap();
        damage(&sales(&night));
        finding(&night, "published", "is a link or no folder");
        later(&mut night, 1);
        let run = night.run();
        assert_eq!((run.exit_code, states(&run).contains(&"refused")), (code, true), "{:?}", run.notes);
    }
    let (mut night, _) = two_nights();
    let version = latest(&night, "sales");
    let manifest: Value = serde_json::from_slice(&fs::read(version.join("_manifest.json")).unwrap()).unwrap();
    let file = version.join(manifest["files"][0]["name"].as_str().unwrap());
    fs::remove_file(&file).unwrap();
    pipe(&file);
    later(&mut night, 1);
    let run = night.run();
    assert!(states(&run).contains(&"published"), "{:?}", states(&run));
}

/// Everything below a folder, in another one.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[test]
fn a_copy_of_ledger_and_sets_knows_what_was_published() {
    let (mut night, first) = two_nights();
    let copied = tempfile::tempdir().unwrap();
    copy(night.folder.path(), &copied.path().join("deeper/still"));
    let original = std::mem::replace(&mut night.pipeline, copied.path().join("deeper/still/own.toml"));
    assert_eq!(findings(&night), []);
    let set = copied.path().join("deeper/still/published/sales");
    let led = fs::read_to_string(set.join("latest.json")).unwrap();
    fs::write(set.join("latest.json"), led.replace("\"holds_erased\": false", "\"holds_erased\": false, \"x\": 1")).unwrap();
    assert_eq!(findings(&night), []);
    fs::rename(set.join(&first), set.join("v-x")).unwrap();
    finding_of(&night, "v-x` is of no run that the ledger knows");
    fs::remove_dir_all(&set).unwrap();
    finding(&night, "published", "sales` is gone, where `v-");
    assert!(looks(&night.run())[0].contains("sales` is gone, where `v-"));
    assert_eq!((findings(&night), night.run().exit_code), (vec![], 0));
    // Neither changed anything for the other.
    night.pipeline = original;
    assert_eq!(findings(&night), []);
}

fn finding_of(night: &Night, says: &str) {
    let found = findings(night);
    assert!(found.iter().any(|finding| finding.message.contains(says)), "{says}: {found:#?}");
}

#[test]
fn an_older_output_that_came_back_is_told_and_its_versions_go_by_the_ledger() {
    let mut night = company();
    let aside = night.folder.path().join("aside");
    copy(&sales(&night), &aside);
    for day in 1..=3 {
        later(&mut night, 1);
        change(&night, day);
        night.run();
    }
    fs::remove_dir_all(sales(&night)).unwrap();
    copy(&aside, &sales(&night));
    finding(&night, "published", "and what was published last is `v-");
    told_once(&mut night, "and what was published last is `v-");
    assert_eq!(findings(&night), []);
    assert_eq!(versions(&night).len(), 2);
}

/// A set that could not be published on the night that erased somebody: its readers have them until the next version, and no longer.
#[test]
fn a_refused_set_keeps_the_erased_no_longer_than_the_grace() {
    let mut night = company();
    let text = fs::read_to_string(&night.pipeline).unwrap();
    let strict = text.replace("k = 2\nkeep_versions", "k = 13\nsmall_groups = \"refuse\"\nkeep_versions");
    fs::write(&night.pipeline, &strict).unwrap();
    later(&mut night, 1);
    night.on_the_store("UPDATE customer SET seen = '2020-05-01' WHERE id = 3");
    assert!(states(&night.run()).contains(&"refused"));
    assert_eq!(led(&night)["may_hold_erased"], Value::Bool(true));
    fs::write(&night.pipeline, &text).unwrap();
    later(&mut night, 1);
    let run = night.run();
    assert_eq!((states(&run)[0], &led(&night)["replaced"][0]["holds_erased"]), ("published", &Value::Bool(true)), "{:?}", run.notes);
    assert_eq!(findings(&night), []);
}

#[test]
fn sets_and_ledger_do_not_stand_in_each_other() {
    for (output, ledger, says) in [
        ("ledger/sets", "ledger", "the output `"),
        (".", "ledger", "the ledger's folder `"),
        ("a/../proof", "proof", "the output `"),
        ("published", "published/proof", "the ledger's folder `"),
    ] {
        let night = Night::of_own(Store::Sqlite, TABLES, "", &format!("output = \"{output}\"\nledger = \"{ledger}\"\n{PIPELINE}"));
        let problems = night.problems();
        assert!(problems.contains(says) && problems.contains("give each a folder of its own"), "{output}, {ledger}: {problems}");
    }
    let night = Night::of_own(Store::Sqlite, TABLES, "", &format!("output = \"ledgers\"\nledger = \"ledger\"\n{PIPELINE}"));
    assert_eq!(night.problems(), "");
    let night = Night::of_own(Store::Sqlite, TABLES, "", &format!("output = \"s3://abc/b\"\nstaging = \"ledger/x\"\n{PIPELINE}"));
    assert!(night.problems().contains("the folder for staging `"), "{}", night.problems());
}

#[test]
fn what_lies_beside_the_sets_is_mentioned() {
    let (night, _) = two_nights();
    fs::write(sales(&night).join("export.csv"), "").unwrap();
    let verification = verification(&night);
    assert_eq!(verification.findings, []);
    let said = verification.not_checked.iter().find(|said| said.contains("beside the published sets")).unwrap();
    assert!(said.contains("published/sales/export.csv`"), "{said}");
}

#[test]
fn an_older_memory_of_an_anonymous_set_is_told_as_that() {
    let mut night = company();
    let file = night.folder.path().join("ledger/contributors/totals.json");
    let older = fs::read(&file).unwrap();
    later(&mut night, 1);
    night.on_the_store("UPDATE sale SET sold = '2026-02-01'");
    assert_eq!(night.run().sets[1].state, "published");
    fs::write(&file, older).unwrap();
    let hint = finding(&night, "contributors", "is of `v-20261122T");
    assert!(hint.starts_with("an older copy was put back"), "{hint}");
    let run = night.run();
    assert!(looks(&run).iter().any(|look| look.contains("`, is of `v-20261122T")), "{:?}", looks(&run));
}
