use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const CONTROL_MADE: &str = "aN23i2aIQhvJIonlyXjhbAh57fG4apiTuvD5cBuZs1k=";
const EPOCH_MADE: &str = "Wuu2tSV/r2VlV40gKYNnc9fiBa+UgOy79h3Ua+VS0lk=";

fn random() -> [u8; 40] {
    let mut random = [0xa5; 40];
    for (at, byte) in random[8..].iter_mut().enumerate() {
        *byte = at as u8;
    }
    random
}

fn document(epochs: &str) -> String {
    format!(
        r#"{{"format": "gallra-keyring-1", "id": "00112233445566ff",
"created": "2026-01-02T03:04:05Z", "epochs": [{epochs}]}}"#
    )
}

/// The same in the second format.
fn second(epochs: &str) -> String {
    let control = r#""control": {"number": 0, "master": "//8CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}, "epochs""#;
    document(epochs).replace("keyring-1", "keyring-2").replace("\"epochs\"", control)
}

fn epoch(number: &str, master: &str) -> String {
    format!(r#"{{"number": {number}, "created": "2026-01-02T03:04:05Z", "master": "{master}"}}"#)
}

fn write(text: &[u8], mode: u32) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Opens a file with this text and expects a refusal of this wording after the path.
#[track_caller]
fn refused(text: &str, expected: &str) -> KeysError {
    let (_folder, path) = write(text.as_bytes(), 0o600);
    let error = Keyring::open(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("keyring `{}` {expected}", path.display()));
    error
}

#[test]
fn a_created_keyring_is_private_complete_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("secrets").join("keyring.json");
    let created = Keyring::create(&path, NOW, random()).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(created.id(), "a5a5a5a5a5a5a5a5");
    // Nothing of the preparation stays behind.
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    // The masters were computed by the HMAC of Python's standard library from the random bytes.
    assert_eq!(
        json(&path),
        serde_json::json!({
            "format": "gallra-keyring-2",
            "id": "a5a5a5a5a5a5a5a5",
            "created": "1970-01-01T00:00:00Z",
            "control": {"number": 0, "master": CONTROL_MADE},
            "epochs": [{"number": 1, "created": "1970-01-01T00:00:00Z", "master": EPOCH_MADE}],
        })
    );

    let opened = Keyring::open(&path).unwrap();
    assert_eq!(opened.id(), created.id());
    assert_eq!(opened.created(), NOW);
    assert_eq!(opened.current_epoch(), 1);
    assert_eq!(opened.epochs().collect::<Vec<_>>(), [(1, NOW)]);
    assert_eq!(tokens(&opened, 1), tokens(&created, 1));
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

const CONTROL: [Purpose; 12] = [
    Purpose::LedgerToken,
    Purpose::LedgerMac,
    Purpose::Journal,
    Purpose::RowVersion,
    Purpose::Replacement,
    Purpose::RowToken,
    Purpose::Suppression,
    Purpose::HoldToken,
    Purpose::HoldMac,
    Purpose::PlanMac,
    Purpose::PlanFingerprint,
    Purpose::Names,
];

fn token(keyring: &Keyring, purpose: Purpose, epoch: u32) -> String {
    keyring.derive("north", purpose, epoch).unwrap().token(&[b"customer", b"42"]).to_string()
}

/// One token per purpose without epochs, and one pseudonym.
fn tokens(keyring: &Keyring, epoch: u32) -> Vec<String> {
    let control = CONTROL.iter().map(|purpose| {
        let key = keyring.control("north", purpose.clone()).unwrap();
        key.token(&[b"customer", b"42"]).to_string()
    });
    control.chain([token(keyring, analytics(), epoch)]).collect()
}

fn analytics() -> Purpose {
    Purpose::Pseudonym("analytics".into())
}

/// What the first format's first epoch gave, whichever way each key was asked for.
#[test]
fn a_keyring_of_the_first_format_gives_the_keys_that_it_gave() {
    let (_folder, path) = write(document(&epoch("1", MASTER)).as_bytes(), 0o600);
    let keyring = Keyring::open(&path).unwrap();
    // Computed apart from this code, see the derivation's own tests.
    assert_eq!(token(&keyring, analytics(), 1), "a40ec30ab618f9d5f9eb260bdd80d752");
    assert_eq!(
        keyring.control("north", Purpose::LedgerToken).unwrap().token(&[b"customer", b"42"]).to_string(),
        "79f08ea187bd834ed788130f91b0eb4a"
    );
    let master: [u8; 32] = std::array::from_fn(|at| at as u8);
    for (purpose, found) in CONTROL.iter().zip(tokens(&keyring, 1)) {
        let key = DerivedKey::derive(&master, "north", purpose, 1).unwrap();
        assert_eq!(found, key.token(&[b"customer", b"42"]).to_string(), "{purpose:?}");
    }
    // With several epochs the smallest served for everything but pseudonyms.
    let (_folder, path) = write(document(&[epoch("7", OTHER), epoch("2", MASTER)].join(",")).as_bytes(), 0o600);
    let keyring = Keyring::open(&path).unwrap();
    let key = DerivedKey::derive(&master, "north", &Purpose::Journal, 2).unwrap();
    for epoch in [0, 2, 7, 9] {
        assert_eq!(token(&keyring, Purpose::Journal, epoch), key.token(&[b"customer", b"42"]).to_string());
    }
}

#[test]
fn rotation_changes_pseudonyms_and_nothing_else() {
    for text in [document(&epoch("1", MASTER)), second(&epoch("1", MASTER))] {
        let (_folder, path) = write(text.as_bytes(), 0o600);
        let before = Keyring::open(&path).unwrap();
        let (file, mut keyring) = KeyringFile::open(&path).unwrap();
        assert_eq!(keyring.rotate(None, NOW, [9; 40]).unwrap(), 2);
        file.replace(&keyring, false).unwrap();
        let after = Keyring::open(&path).unwrap();
        assert_eq!((after.id(), after.current_epoch()), (before.id(), 2));
        assert_eq!(tokens(&after, 1), tokens(&before, 1));
        let (old, new) = (tokens(&before, 1), tokens(&after, 2));
        assert_eq!(old[..CONTROL.len()], new[..CONTROL.len()]);
        assert_ne!(old.last(), new.last());
        assert_eq!(json(&path)["format"], "gallra-keyring-2");
    }
}

/// Computed by HKDF and HMAC of Python's standard library over hand-written frames.
#[test]
fn a_fingerprint_tells_one_master_under_one_number_and_goes_with_it() {
    for text in [document(&[epoch("1", MASTER), epoch("2", OTHER)].join(",")), second(&[epoch("1", MASTER), epoch("2", OTHER)].join(","))] {
        let (_folder, path) = write(text.as_bytes(), 0o600);
        let keyring = Keyring::open(&path).unwrap();
        assert_eq!(keyring.fingerprint(1).unwrap().to_string(), "13c58ccf39f15169362381fe4a1a11f9");
        assert_eq!(keyring.fingerprint(2).unwrap().to_string(), "8d35e1ded9b69a9e577b3c5a8bc96557");
        assert!(matches!(keyring.fingerprint(3), Err(KeysError::UnknownEpoch { epoch: 3, .. })));
    }
    let (_folder, path) = write(second(&[epoch("2", MASTER), epoch("3", OTHER)].join(",")).as_bytes(), 0o600);
    let mut keyring = Keyring::open(&path).unwrap();
    assert_eq!(keyring.fingerprint(2).unwrap().to_string(), "60fa2c2e9d416a78e9471f7d4b9dbb5f");
    keyring.shred(2, NOW).unwrap();
    assert!(matches!(keyring.fingerprint(2), Err(KeysError::Shredded { epoch: 2, .. })));
}

#[test]
fn a_new_epoch_has_a_number_that_was_never_used() {
    let mut keyring = Keyring::generate(NOW, random());
    for (used, given) in [(None, 2), (Some(1), 3), (Some(3), 4), (Some(9), 10), (None, 11)] {
        assert_eq!(keyring.rotate(used, NOW, [9; 40]).unwrap(), given);
    }
    assert!(matches!(keyring.rotate(Some(u32::MAX), NOW, [9; 40]), Err(KeysError::TooManyEpochs { .. })));
    assert_eq!(keyring.current_epoch(), 11);
}

#[test]
fn what_is_shredded_leaves_number_and_times_alone() {
    let (folder, path) = write(second(&[epoch("1", MASTER), epoch("2", OTHER)].join(",")).as_bytes(), 0o600);
    let before = Keyring::open(&path).unwrap();
    let refused = |epoch| before.check_shreddable(epoch).unwrap_err();
    assert!(matches!(refused(2), KeysError::CurrentEpoch { epoch: 2, .. }));
    assert!(refused(2).hint().unwrap().contains("rotate"));
    assert!(matches!(refused(3), KeysError::UnknownEpoch { epoch: 3, .. }));
    let (file, mut keyring) = KeyringFile::open(&path).unwrap();
    let at: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    keyring.shred(1, at).unwrap();
    assert!(file.replace(&keyring, true).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(!fs::read_to_string(&path).unwrap().contains(MASTER));
    assert_eq!(
        json(&path)["epochs"][0],
        serde_json::json!({"number": 1, "created": "2026-01-02T03:04:05Z", "shredded": "2027-01-01T00:00:00Z"})
    );
    let mut after = Keyring::open(&path).unwrap();
    assert_eq!((after.shredded(1), after.shredded(2)), (Some(at), None));
    assert_eq!(after.epochs().count(), 2);
    let error = after.derive("north", analytics(), 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "epoch 1 of keyring `00112233445566ff` was shredded at 2027-01-01T00:00:00Z: its keys do not exist any more"
    );
    assert_eq!(tokens(&after, 2), tokens(&before, 2));
    // Again: nothing is left to do, and the time stays.
    after.shred(1, NOW).unwrap();
    assert_eq!(after.shredded(1), Some(at));
}

/// The old file's blocks are overwritten where they stand: seen through another name of the same file.
#[test]
fn the_old_bytes_are_overwritten() {
    let (folder, path) = write(second(&[epoch("1", MASTER), epoch("2", OTHER)].join(",")).as_bytes(), 0o600);
    let other_name = folder.path().join("hard-link.json");
    fs::hard_link(&path, &other_name).unwrap();
    // What a change that was killed had prepared.
    let prepared = folder.path().join("keyring.json.new");
    fs::write(&prepared, "a keyring").unwrap();
    let leftover = folder.path().join("leftover");
    fs::hard_link(&prepared, &leftover).unwrap();
    let (file, mut keyring) = KeyringFile::open(&path).unwrap();
    keyring.shred(1, NOW).unwrap();
    assert!(file.replace(&keyring, true).unwrap());
    for old in [&other_name, &leftover] {
        let bytes = fs::read(old).unwrap();
        assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0));
    }
    assert!(!prepared.exists());
}

#[test]
fn an_epoch_that_shares_the_control_key_can_not_be_shredded_not_even_after_a_rotation() {
    let (_folder, path) = write(document(&epoch("1", MASTER)).as_bytes(), 0o600);
    let mut keyring = Keyring::open(&path).unwrap();
    assert!(matches!(keyring.check_shreddable(1), Err(KeysError::SharedEpoch { epoch: 1, .. })));
    keyring.rotate(None, NOW, [9; 40]).unwrap();
    keyring.rotate(None, NOW, [10; 40]).unwrap();
    let error = keyring.shred(1, NOW).unwrap_err();
    assert!(error.to_string().contains("the ledger and the journal rest on the same secret"), "{error}");
    keyring.shred(2, NOW).unwrap();
    assert_eq!(keyring.shredded(2), Some(NOW));
    // One that this version makes can.
    let mut keyring = Keyring::generate(NOW, random());
    keyring.rotate(None, NOW, [9; 40]).unwrap();
    keyring.shred(1, NOW).unwrap();
}

#[test]
fn a_replaced_file_keeps_its_mode_and_a_link_stays_a_link() {
    let (folder, path) = write(second(&epoch("1", MASTER)).as_bytes(), 0o400);
    let link = folder.path().join("link.json");
    symlink(&path, &link).unwrap();
    let (file, mut keyring) = KeyringFile::open(&link).unwrap();
    keyring.rotate(None, NOW, [9; 40]).unwrap();
    file.replace(&keyring, false).unwrap();
    assert_eq!(mode(&path), 0o400);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Keyring::open(&link).unwrap().current_epoch(), 2);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert_eq!(fs::metadata(&path).unwrap().uid(), fs::metadata(folder.path()).unwrap().uid());
}

#[test]
fn of_those_who_change_it_at_once_one_wins_and_the_others_are_told() {
    let (_folder, path) = write(second(&epoch("1", MASTER)).as_bytes(), 0o600);
    let (file, mut keyring) = KeyringFile::open(&path).unwrap();
    let error = KeyringFile::open(&path).unwrap_err();
    assert!(matches!(error, KeysError::InUse { .. }));
    assert!(error.hint().is_some());
    // Somebody who does not ask for the lock.
    fs::rename(&path, path.with_extension("old")).unwrap();
    fs::write(&path, second(&epoch("5", MASTER))).unwrap();
    keyring.rotate(None, NOW, [9; 40]).unwrap();
    assert!(matches!(file.replace(&keyring, false).unwrap_err(), KeysError::ChangedMeanwhile { .. }));
    assert_eq!(json(&path)["epochs"][0]["number"], 5);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(KeyringFile::open(&path).is_ok());

    // Eight at once: as many epochs as have won, one each.
    let (_folder, path) = write(second(&epoch("1", MASTER)).as_bytes(), 0o600);
    let won: u32 = std::thread::scope(|scope| {
        let change = |at: u8| -> Result<(), KeysError> {
            let (file, mut keyring) = KeyringFile::open(&path)?;
            keyring.rotate(None, NOW, [at; 40])?;
            file.replace(&keyring, false).map(drop)
        };
        let threads: Vec<_> = (0..8_u8).map(|at| scope.spawn(move || change(at))).collect();
        threads
            .into_iter()
            .map(|thread| match thread.join().unwrap() {
                Ok(()) => 1,
                Err(error) => {
                    assert!(matches!(error, KeysError::InUse { .. } | KeysError::ChangedMeanwhile { .. }), "{error}");
                    0
                }
            })
            .sum()
    });
    assert!(won >= 1);
    assert_eq!(Keyring::open(&path).unwrap().current_epoch(), 1 + won);
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let (folder, path) = write(b"precious", 0o644);
    let dangling = folder.path().join("dangling.json");
    symlink("/nonexistent/keyring.json", &dangling).unwrap();
    for taken in [path.as_path(), folder.path(), &dangling] {
        let error = Keyring::create(taken, NOW, random()).unwrap_err();
        assert!(matches!(error, KeysError::AlreadyExists { .. }), "{error}");
        assert!(error.hint().unwrap().contains("never overwritten"));
    }
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let (_folder, file) = write(b"", 0o600);
    let error = Keyring::create(&file.join("keyring.json"), NOW, random()).unwrap_err();
    assert!(error.to_string().starts_with("cannot create the folder of keyring `"));
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn of_two_creators_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let winners: Vec<String> = std::thread::scope(|scope| {
        let creators: Vec<_> = (0..8_u8)
            .map(|at| {
                let path = &path;
                scope.spawn(move || Keyring::create(path, NOW, [at; 40]))
            })
            .collect();
        creators.into_iter().filter_map(|creator| creator.join().unwrap().ok()).map(|keyring| keyring.id().to_owned()).collect()
    });
    assert_eq!(winners.len(), 1);
    assert_eq!(Keyring::open(&path).unwrap().id(), winners[0]);
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Keyring::open(&folder.path().join("absent.json")).unwrap_err();
    assert!(matches!(error, KeysError::Missing { .. }));
    assert!(error.hint().is_some());
    let error = Keyring::open(folder.path()).unwrap_err();
    assert!(matches!(error, KeysError::NotAFile { .. }));
    let error = Keyring::open(Path::new("/dev/null")).unwrap_err();
    assert!(matches!(error, KeysError::NotAFile { .. }));
}

#[test]
fn permissions_for_others_are_refused_and_owner_only_ones_are_not() {
    let text = document(&epoch("1", MASTER));
    for open in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777] {
        let (_folder, path) = write(text.as_bytes(), open);
        let error = Keyring::open(&path).unwrap_err();
        assert!(matches!(error, KeysError::OpenToOthers { mode, .. } if mode == open));
        assert!(error.to_string().contains(&format!("0{open:o}")));
        assert!(error.hint().unwrap().contains("chmod 600"));
    }
    for private in [0o400, 0o600, 0o700] {
        let (folder, path) = write(text.as_bytes(), private);
        assert!(Keyring::open(&path).is_ok());
        let link = folder.path().join("link.json");
        symlink(&path, &link).unwrap();
        assert!(Keyring::open(&link).is_ok());
    }
}

#[test]
fn each_fault_has_its_sentence() {
    refused("", "is empty");
    refused(" \n\t", "is empty");
    refused("{\"format\": ", "is corrupt at line 1, column 11");
    refused("[]", "is corrupt at line 1, column 2");
    refused("{}", "is corrupt at line 1, column 2");
    refused("\u{feff}{}", "is corrupt at line 1, column 1");
    let whole = document(&epoch("1", MASTER));
    for end in 1..whole.len() {
        let (_folder, path) = write(&whole.as_bytes()[..end], 0o600);
        let error = Keyring::open(&path).unwrap_err();
        assert!(matches!(error, KeysError::Corrupt { .. }), "cut at {end}");
    }
    let width = whole.lines().nth(1).unwrap().chars().count();
    refused(&format!("{whole}x"), &format!("is corrupt at line 2, column {}", width + 1));
    refused(&whole.replace("keyring-1", "keyring-3"), "is of neither format `gallra-keyring-2` nor `gallra-keyring-1`");
    refused(r#"{"format": "other", "anything": 1}"#, "is of neither format `gallra-keyring-2` nor `gallra-keyring-1`");
    // A control key is what tells the formats apart.
    refused(&whole.replace("keyring-1", "keyring-2"), "has an invalid `control`");
    refused(&second(&epoch("1", MASTER)).replace("keyring-2", "keyring-1"), "has an invalid `control`");
    refused(&second(&epoch("1", MASTER)).replace("//8C", ""), "has a master key of 29 bytes in epoch 0, 32 are needed");
    let tombstone = r#"{"number": 1, "created": "2026-01-02T03:04:05Z", "shredded": "2026-01-02T03:04:05Z"}"#;
    refused(&document(&[tombstone.to_owned(), epoch("2", MASTER)].join(",")), "has an invalid `shredded`");
    // The current epoch is never shredded: somebody took out what followed it.
    refused(&second(tombstone), "has an invalid `shredded`");
    let both = tombstone.replace("}", &format!(r#", "master": "{MASTER}"}}"#));
    refused(&second(&[both, epoch("2", MASTER)].join(",")), "has an invalid `shredded`");
    let neither = tombstone.replace(r#", "shredded": "2026-01-02T03:04:05Z""#, "");
    refused(&second(&[neither, epoch("2", MASTER)].join(",")), "has an invalid `master`");
    refused(&whole.replace("00112233445566ff", "FF"), "has an invalid `id`");
    refused(&whole.replace("00112233445566ff", "00112233445566FF"), "has an invalid `id`");
    refused(&document(&epoch("0", MASTER)), "has an invalid `number`");
    refused(&document(&epoch("1", "AAEC!")), "has an invalid `master`");
    refused(&document(&epoch("1", "AAEC")), "has a master key of 3 bytes in epoch 1, 32 are needed");
    refused(&document(&epoch("1", "")), "has a master key of 0 bytes in epoch 1, 32 are needed");
    refused(&document(""), "has no epoch");
    refused(&document(&[epoch("1", MASTER), epoch("2", MASTER), epoch("1", MASTER)].join(",")), "has epoch 1 twice");
}

#[test]
fn a_fault_never_quotes_the_file() {
    // A master key in the place of a number: the parser's own message would quote it.
    let text = document(&epoch(&format!("\"{MASTER}\""), MASTER));
    // The fault is at the closing quote of the first master, which ends in `=`.
    let place = text.lines().nth(1).unwrap().find("=\",").unwrap() + 2;
    let error = refused(&text, &format!("is corrupt at line 2, column {place}"));
    assert!(!format!("{error:?} {:?}", error.hint()).contains("AAEC"));
}

#[test]
fn too_large_a_file_is_corrupt() {
    let mut text = document(&epoch("1", MASTER));
    text.push_str(&" ".repeat(LARGEST));
    text.push('x');
    // Everything past the limit is left unread, so what counts is that reading ends.
    let (_folder, path) = write(text.as_bytes(), 0o600);
    assert!(Keyring::open(&path).is_ok());
    let (_folder, path) = write(&vec![b'['; 3 << 20], 0o600);
    assert!(matches!(Keyring::open(&path).unwrap_err(), KeysError::Corrupt { .. }));
}

#[test]
fn the_newest_epoch_is_current_and_every_epoch_has_its_own_keys() {
    let text = document(&[epoch("7", MASTER), epoch("2", MASTER)].join(","));
    let (_folder, path) = write(text.as_bytes(), 0o600);
    let keyring = Keyring::open(&path).unwrap();
    assert_eq!(keyring.current_epoch(), 7);
    let numbers: Vec<u32> = keyring.epochs().map(|(number, _)| number).collect();
    assert_eq!(numbers, [2, 7]);
    assert_ne!(token(&keyring, analytics(), 2), token(&keyring, analytics(), 7));
    let error = keyring.derive("north", analytics(), 3).unwrap_err();
    assert_eq!(error.to_string(), "keyring `00112233445566ff` has no epoch 3");
}

#[test]
fn debug_is_redacted() {
    let shown = format!("{:?}", Keyring::generate(NOW, random()));
    assert_eq!(
        shown,
        "Keyring { id: \"a5a5a5a5a5a5a5a5\", created: 1970-01-01T00:00:00Z, \
         epochs: [redacted], current: 1 }"
    );
}
