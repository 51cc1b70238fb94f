use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

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

    let document: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "format": "gallra-keyring-1",
            "id": "a5a5a5a5a5a5a5a5",
            "created": "1970-01-01T00:00:00Z",
            "epochs": [{"number": 1, "created": "1970-01-01T00:00:00Z", "master": MASTER}],
        })
    );

    let opened = Keyring::open(&path).unwrap();
    assert_eq!(opened.id(), created.id());
    assert_eq!(opened.created(), NOW);
    assert_eq!(opened.current_epoch(), 1);
    assert_eq!(opened.epochs().collect::<Vec<_>>(), [(1, NOW)]);
    let token = |keyring: &Keyring| {
        let key = keyring.derive("north", Purpose::LedgerToken, 1).unwrap();
        key.token(&[b"customer", b"42"]).to_string()
    };
    assert_eq!(token(&opened), token(&created));
    // Computed apart from this code, see the derivation's own tests.
    assert_eq!(token(&opened), "79f08ea187bd834ed788130f91b0eb4a");
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
    refused(&whole.replace("keyring-1", "keyring-2"), "is not of format `gallra-keyring-1`");
    refused(r#"{"format": "other", "anything": 1}"#, "is not of format `gallra-keyring-1`");
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
    text.push_str(&" ".repeat(LARGEST_FILE as usize));
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
    let token = |epoch| {
        let key = keyring.derive("north", Purpose::Journal, epoch).unwrap();
        key.token(&[])
    };
    assert_ne!(token(2), token(7));
    let error = keyring.derive("north", Purpose::Journal, 3).unwrap_err();
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
