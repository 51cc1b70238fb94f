use secrecy::ExposeSecret;

use super::*;

/// Reads a URL with an environment of pairs.
fn parse(url: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let lookup = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_string());
    Settings::parse(url, &lookup)
}

#[track_caller]
fn check(url: &str, environment: &[(&str, &str)], name: &str) -> Settings {
    let settings = parse(url, environment).unwrap();
    assert_eq!(settings.display(), name);
    settings
}

fn password(settings: &Settings) -> Option<&str> {
    settings.targets[0].password.as_ref().map(|password| password.expose_secret())
}

#[test]
fn a_url_says_everything() {
    let settings =
        check("postgres://me:secret@db.example:6000/shop", &[("PGUSER", "other"), ("PGPORT", "1")], "postgres://me@db.example:6000/shop");
    assert_eq!(password(&settings), Some("secret"));
    check("postgresql://me@db/shop?host=other&port=7000&user=you&dbname=x", &[], "postgres://you@other:7000/x");
}

#[test]
fn percent_encodings_are_undone() {
    let settings = check("postgres://m%40e:p%2F%40%3A%3F@%2Frun%2Fpg:6000/a%20b", &[], "postgres://m%40e@%2Frun%2Fpg:6000/a%20b");
    assert_eq!(password(&settings), Some("p/@:?"));
    assert_eq!(settings.targets[0].host, Host::Folder("/run/pg".into()));
    assert_eq!((settings.user(), settings.database()), ("m@e", "a b"));
    let settings = check("postgres://me@/shop?host=/run/p%20g&sslrootcert=/a%26b/c%3Dd.crt", &[], "postgres://me@%2Frun%2Fp%20g/shop");
    assert_eq!(settings.tls.roots, Roots::File("/a&b/c=d.crt".into()));
}

#[test]
fn the_environment_fills_in_what_the_url_leaves_out() {
    let environment = [("PGHOST", "db"), ("PGPORT", "6000"), ("PGUSER", "me"), ("PGDATABASE", "shop"), ("PGPASSWORD", "secret")];
    let settings = check("postgres://", &environment, "postgres://me@db:6000/shop");
    assert_eq!(password(&settings), Some("secret"));
    check("postgres://other", &environment, "postgres://me@other:6000/shop");
    check("postgres://other:7000/x", &environment, "postgres://me@other:7000/x");
    check("postgres://you@[::1]/x", &[("PGPORT", "6000"), ("PGHOSTADDR", "10.0.0.1")], "postgres://you@[::1]:6000/x");
}

#[test]
fn the_database_is_the_users_where_nobody_names_one() {
    check("postgres://db", &[("USER", "me")], "postgres://me@db/me");
    check("postgres://db", &[("LOGNAME", "me"), ("USER", "")], "postgres://me@db/me");
    assert_eq!(parse("postgres://db", &[]).unwrap_err(), SettingsError::NoUser);
}

#[test]
fn several_hosts_have_a_port_each_or_one_for_all() {
    check("postgres://me@a:1,b:2/x", &[], "postgres://me@a:1,b:2/x");
    check("postgres://me@a,b/x?port=7", &[], "postgres://me@a:7,b:7/x");
    let refusal = parse("postgres://me@a,b,c/x?port=7,8", &[]).unwrap_err();
    assert!(matches!(refusal, SettingsError::Value { name: "port", .. }));
}

#[test]
fn an_unknown_parameter_is_named() {
    assert_eq!(parse("postgres://me@db/x?colour=red", &[]).unwrap_err(), SettingsError::Unknown { name: "colour".into() });
    assert_eq!(parse("postgres://me@db/x?sslcrl=f", &[]).unwrap_err(), SettingsError::Unsupported { name: "sslcrl".into() });
    for wrong in
        ["sslmode=on", "connect_timeout=soon", "keepalives_idle=x", "channel_binding=x", "target_session_attrs=x", "gssencmode=require"]
    {
        let refusal = parse(&format!("postgres://me@db/x?{wrong}"), &[]).unwrap_err();
        assert!(matches!(refusal, SettingsError::Value { name, .. } if wrong.starts_with(name)), "{wrong}: {refusal}");
    }
}

#[test]
fn nothing_shows_a_password() {
    let settings = parse("postgres://me:hunter2@db/x?password=hunter3", &[]).unwrap();
    assert!(!format!("{settings:?}{}{:?}", settings.display(), settings.config(&settings.targets[0])).contains("hunter"));
    // Passwords whose special characters nobody encoded.
    for url in ["postgres://me:a@hunter2@db/x", "postgres://me:12/hunter2@db/x", "postgres://me:hunter2/b@db/x", "mysql://me:hunter2@db"] {
        let refusal = parse(url, &[]).unwrap_err();
        assert!(!format!("{refusal}{refusal:?}{}", refusal.hint()).contains("hunter"), "{url}");
    }
}

#[test]
fn tls_is_as_libpq_says() {
    let tls = |parameters: &str| parse(&format!("postgres://me@db/x?{parameters}"), &[("HOME", "/nowhere")]).map(|settings| settings.tls);
    assert_eq!(tls("").unwrap().mode, Mode::Prefer);
    assert_eq!(tls("sslmode=allow").unwrap().mode, Mode::Prefer);
    assert_eq!(tls("sslrootcert=system").unwrap().mode, Mode::VerifyFull);
    assert!(tls("sslrootcert=system&sslmode=require").is_err());
    assert!(tls("sslnegotiation=direct").is_err());
    assert_eq!(tls("sslmode=verify-ca").unwrap().roots, Roots::Default(Some("/nowhere/.postgresql/root.crt".into())));
    assert_eq!(tls("sslcert=/c").unwrap().client, Some(("/c".into(), "/nowhere/.postgresql/postgresql.key".into())));
}

#[test]
fn a_password_file_is_read_only_where_others_may_not() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".pgpass");
    std::fs::write(&file, "db:5432:x:me:secret\n").unwrap();
    let read = |mode: u32| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        parse("postgres://me@db/x", &[("HOME", folder.path().to_str().unwrap())]).unwrap()
    };
    let settings = read(0o600);
    assert_eq!((password(&settings), settings.ignored_password_file()), (Some("secret"), None));
    let settings = read(0o640);
    assert_eq!(password(&settings), None);
    assert!(settings.ignored_password_file().unwrap().contains(".pgpass"));
    let elsewhere = parse("postgres://me@db/x", &[("PGPASSFILE", "/nowhere"), ("HOME", folder.path().to_str().unwrap())]).unwrap();
    assert_eq!((password(&elsewhere), elsewhere.ignored_password_file()), (None, None));
}
