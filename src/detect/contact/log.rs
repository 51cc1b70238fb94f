//! User names in the lines of logs.
//!
//! Finds: who logs in, by the words of sshd, sudo, su, PAM, login services, databases, Cisco's and Windows' events: `Accepted publickey
//! for annab from`, `Failed password for invalid user perolov`, `session opened for user annab by (uid=0)`, `annab : TTY=pts/0`,
//! `Login failed for user 'annab'`, `Account Name: annab`, `inloggning misslyckades för användare annab`. The name alone is found, without
//! the domain before it (`KONTOR\annab`).
//!
//! Rule: behind wording that only such a line has, any name is somebody's but those of a system's own accounts (`root`, `postgres`,
//! `backup`) and of machines (`PC14$`). Behind wording that a sentence may have (`by user`, `for bruger`) the name has to be built of a
//! person's (`annab`, `larsmo`, `klindqvist`), or end in digits. A name that stands in a log so is a user's, not a person's.
//!
//! Source: OpenSSH's `auth.c` and `auth2.c`, Linux-PAM's `pam_unix`, sudo's `logging.c`, shadow's `su.c`; Microsoft, "4624(S): An account
//! was successfully logged on"; Cisco, "ASA Series Syslog Messages" (113039, 722051).
//!
//! ```text
//! sshd[221]: Accepted publickey for larsmo from 192.0.2.4 port 22 → sshd[221]: Accepted publickey for [handle] from [ip_address] port 22
//! Failed password for invalid user perolov from 192.0.2.4 → Failed password for invalid user [handle] from [ip_address]
//! pam_unix(su:session): session opened for user root by annab(uid=1000) → pam_unix(su:session): session opened for user root by [handle](uid=1000)
//! sudo: annab : TTY=pts/0 ; PWD=/srv ; USER=root → sudo: [handle] : TTY=pts/0 ; PWD=/srv ; USER=root
//! su: (to root) annab on pts/0, Successful su for root by annab → su: (to root) [handle] on pts/0, Successful su for root by [handle]
//! Login failed for user 'KONTOR\annab'. Account Name: annab → Login failed for user 'KONTOR\[handle]'. Account Name: [handle]
//! Inloggning misslyckades för användare annab, login failed for user annab → Inloggning misslyckades för användare [handle], login failed for user [handle]
//! Accepted publickey for git from 192.0.2.4, session opened for user postgres → Accepted publickey for git from [ip_address], session opened for user postgres
//! Guide for user accounts, access of user groups, a user story → Guide for user accounts, access of user groups, a user story
//! ```

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::handle::{self, LONGEST};
use super::user;
use crate::detect::Kind;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::lexicon::lexicon;
use crate::detect::resolve::Candidate;

/// Above what a name of a person weighs.
const CONFIDENCE: f32 = 0.97;

/// The end of `user `, whatever its case, and the words that lead to whose login it is.
static LEADS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| [Finder::new("ser "), Finder::new(" for "), Finder::new(" för ")]);

/// How much the words before a name say.
#[derive(Clone, Copy, PartialEq)]
enum Wording {
    /// Only a log has it.
    OfLog,
    /// Sentences may have it.
    OfAny,
}

/// Offers the user names of logins.
pub(in crate::detect) fn recognise(page: &Page<'_>, found: &mut Vec<Candidate>) {
    let [user, english, swedish] = &*LEADS;
    for at in user.find_iter(page.bytes()) {
        behind_user(page, at, found);
    }
    for (finder, length) in [(english, " for ".len()), (swedish, " för ".len())] {
        for at in finder.find_iter(page.bytes()) {
            behind_for(page, at, at + length, found);
        }
    }
}

/// Offers the names that wording around this `:` shows: `annab : TTY=`, `su: (to root) annab on`, `Account Name: annab`.
pub(super) fn recognise_colon(page: &Page<'_>, colon: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    match bytes.get(colon + 1..).unwrap_or_default() {
        [b' ', b'T', b'T', b'Y', b'=', ..] => offer_before(page, colon.saturating_sub(1), found),
        [b' ', b'(', b't', b'o', b' ', ..] => {
            let Some(target) = offer(page, colon + 6, Wording::OfLog, found) else { return };
            if bytes.get(target..target + 2) == Some(b") ") {
                offer(page, target + 2, Wording::OfLog, found);
            }
        }
        [b' ' | b'\t', ..] if is_account_label(bytes.get(..colon).unwrap_or_default()) => {
            let blanks = bytes.iter().skip(colon + 1).take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let start = colon + 1 + blanks;
            let is_lower = bytes.get(start).is_some_and(|byte| byte.is_ascii_lowercase());
            // A customer may have an account, and its name is another.
            let is_alone = |end: usize| {
                let rest = bytes.get(end..).unwrap_or_default();
                !rest.starts_with(b" ") || rest.starts_with(b"  ") || rest.starts_with(b" Account Domain") || rest.starts_with(b" Logon")
            };
            if is_lower && token(page, start).is_some_and(|(_, end)| is_alone(end)) {
                offer(page, start, Wording::OfLog, found);
            }
        }
        _ => {}
    }
}

/// Offers the names that wording around this `=` shows: `annab(uid=1000)`, `Name="TargetUserName">annab<`.
pub(super) fn recognise_equals(page: &Page<'_>, equals: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    if bytes.get(..equals).is_some_and(|before| before.ends_with(b"(uid")) {
        offer_before(page, equals - 4, found);
        return;
    }
    let rest = bytes.get(equals + 1..).unwrap_or_default();
    for field in [&b"\"TargetUserName\">"[..], b"\"SubjectUserName\">", b"'TargetUserName'>", b"'SubjectUserName'>"] {
        if rest.starts_with(field) {
            offer(page, equals + 1 + field.len(), Wording::OfLog, found);
        }
    }
}

/// Whether `Account Name` or its like in another language stands before a colon.
fn is_account_label(before: &[u8]) -> bool {
    const LABELS: [&[u8]; 5] = [b"Account Name", b"Kontonamn", b"Kontonavn", b"Tilin nimi", b"Logon Account"];
    let Some(label) = LABELS.iter().find(|label| before.ends_with(label)) else { return false };
    before.len().checked_sub(label.len() + 1).is_none_or(|before_label| before.get(before_label).is_some_and(u8::is_ascii_whitespace))
}

/// Offers the name behind `user `, the last four of whose bytes begin here.
fn behind_user(page: &Page<'_>, at: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    let Some(start) = at.checked_sub(1).filter(|start| bytes.get(*start).is_some_and(|byte| byte | 0x20 == b'u')) else { return };
    let behind = at + "ser ".len();
    let is_marked = matches!(bytes.get(behind), Some(b'<' | b'\'' | b'"'));
    let name = behind + usize::from(is_marked);
    if start.checked_sub(1).is_some_and(|before| !matches!(bytes.get(before), Some(b' ' | b'\n' | b'\t' | b'(' | b':' | b'"' | b'>'))) {
        return;
    }
    let (word, further) = words_before(page.text, start);
    let wording = match word.as_bytes() {
        b"invalid" | b"illegal" | b"unknown" | b"authenticating" => Wording::OfLog,
        b"for" if matches!(further.as_bytes(), b"opened" | b"closed" | b"failed" | b"failure") => Wording::OfLog,
        b"for" | b"of" | b"by" | b"from" | b"as" => Wording::OfAny,
        _ if is_marked && bytes.get(behind) == Some(&b'<') => Wording::OfLog,
        _ if token(page, name).is_some_and(|(_, end)| is_followed_by_login(page.text, end)) => Wording::OfAny,
        _ => return,
    };
    offer(page, name, wording, found);
}

/// Offers the name behind ` for `, or behind a label that follows it.
fn behind_for(page: &Page<'_>, at: usize, behind: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    // The quick look: a name, or a label, begins with a letter, and before the word a letter stands.
    if !bytes.get(behind).is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'\'' | b'"')) {
        return;
    }
    let (word, _) = words_before(page.text, at + 1);
    let is_login = matches!(
        word.as_bytes(),
        b"publickey"
            | b"password"
            | b"pam"
            | b"hostbased"
            | b"none"
            | b"mic"
            | b"failed"
            | b"failure"
            | b"exceeded"
            | b"changed"
            | b"login"
            | b"logon"
            | b"su"
    );
    if let Some(name) = behind_label(page.text, behind) {
        offer(page, name, Wording::OfAny, found);
        return;
    }
    if !is_login {
        return;
    }
    let start = behind + usize::from(matches!(bytes.get(behind), Some(b'\'' | b'"')));
    let Some((_, end)) = token(page, start) else { return };
    let rest = bytes.get(end..).unwrap_or_default();
    if word.as_bytes() == b"su" && rest.starts_with(b" by ") {
        offer(page, start, Wording::OfLog, found);
        offer(page, end + " by ".len(), Wording::OfLog, found);
    } else {
        let wording = if rest.starts_with(b" from ") { Wording::OfLog } else { Wording::OfAny };
        offer(page, start, wording, found);
    }
}

/// Where the name begins behind a word for a user: `användare annab`, `brugeren annab`.
fn behind_label(text: &str, start: usize) -> Option<usize> {
    const LABELS: [&str; 14] = [
        "anvandare",
        "anvandaren",
        "anvandarnamn",
        "bruker",
        "brukeren",
        "brukernavn",
        "brukar",
        "brukaren",
        "bruger",
        "brugeren",
        "brugernavn",
        "kontoen",
        "kontot",
        "vpn",
    ];
    let rest = text.get(start..)?;
    let length = rest.find(|character: char| !character.is_alphabetic() && character != '-').filter(|length| (3..=24).contains(length))?;
    let word = rest.get(..length)?;
    let last = word.rsplit('-').next().unwrap_or(word);
    let behind = rest.get(length..)?.strip_prefix(' ')?;
    let quote = usize::from(behind.starts_with(['\'', '"']));
    LABELS.contains(&Folded::of(last).as_str()).then_some(start + length + 1 + quote)
}

/// The two words before a place, the nearer first.
fn words_before(text: &str, end: usize) -> (Folded, Folded) {
    /// Longer than any word that is asked for.
    const LONGEST: usize = 24;
    let bytes = text.as_bytes();
    let word = |end: usize| {
        let end = end - bytes.get(..end).unwrap_or_default().iter().rev().take(2).take_while(|byte| matches!(byte, b' ' | b'/')).count();
        let head = bytes.get(..end).unwrap_or_default();
        let length = head.iter().rev().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic()).count();
        (Folded::of(text.get(end - length..end).unwrap_or_default()), end - length)
    };
    let (near, start) = word(end);
    (near, word(start).0)
}

/// Whether a word that speaks of a login follows: `user annab logged in`.
fn is_followed_by_login(text: &str, end: usize) -> bool {
    let Some(rest) = text.get(end..).and_then(|rest| rest.trim_start_matches(['\'', '"', '>']).strip_prefix(' ')) else { return false };
    let word = rest.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
    matches!(
        word,
        "logged"
            | "locked"
            | "authenticated"
            | "connected"
            | "disconnected"
            | "login"
            | "logon"
            | "NOT"
            | "unlocked"
            | "disabled"
            | "failed"
    )
}

/// The name that begins here, without the domain before it, and where it ends.
fn token(page: &Page<'_>, start: usize) -> Option<(usize, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') || *byte >= 0x80;
    let bytes = page.bytes();
    let length = |start: usize| {
        let window = bytes.get(start..bytes.len().min(start + LONGEST + 1)).unwrap_or_default();
        window.iter().position(|byte| !is_part(byte)).unwrap_or(window.len())
    };
    let mut start = start;
    let mut end = start + length(start);
    if bytes.get(end) == Some(&b'\\') && end > start {
        start = end + 1;
        end = start + length(start);
    }
    if end - start > LONGEST {
        return None;
    }
    while end > start && matches!(bytes.get(end - 1), Some(b'.' | b'-')) {
        end -= 1;
    }
    let is_free = !matches!(bytes.get(end), Some(b'@' | b'/' | b'=' | b'\\' | b'$' | b'%' | b'[' | b'{' | b'*'));
    (end - start >= 2 && is_free && !page.touches_address(start, end)).then_some((start, end))
}

/// Offers the name that ends at the blank or bracket before this place.
fn offer_before(page: &Page<'_>, end: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes().get(..end).unwrap_or_default();
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let start = end - bytes.iter().rev().take(LONGEST).take_while(is_part).count();
    let is_open = start.checked_sub(1).is_none_or(|before| matches!(bytes.get(before), Some(b' ' | b'\\' | b'\n' | b'\t')));
    let is_free = is_open && end - start >= 2 && !page.touches_address(start, end) && !handle::is_telling(page, start, end);
    if is_free && is_somebody(page.text.get(start..end).unwrap_or_default(), Wording::OfLog) {
        found.push(Candidate::shape(start, end, Kind::Handle, CONFIDENCE));
    }
}

/// Offers the name that begins here if it is somebody's; says where it ends whoever's it is.
fn offer(page: &Page<'_>, start: usize, wording: Wording, found: &mut Vec<Candidate>) -> Option<usize> {
    let (start, end) = token(page, start)?;
    if is_somebody(page.text.get(start..end)?, wording) && !handle::is_telling(page, start, end) {
        found.push(Candidate::shape(start, end, Kind::Handle, CONFIDENCE));
    }
    Some(end)
}

fn is_somebody(token: &str, wording: Wording) -> bool {
    let folded = Folded::of(token);
    let whole = folded.as_str();
    let stem = whole.trim_end_matches(|character: char| character.is_ascii_digit() || matches!(character, '-' | '_' | '.'));
    // `test_user`, `backup-srv`, `gitlab-runner`: a system's, whatever stands beside.
    let is_of_system = |part: &str| user::is_of_system(part) || SERVICES.contains(&part);
    if stem.len() < 2 || is_of_system(stem) || stem.split(['-', '_']).any(is_of_system) || handle::is_host_name(token.as_bytes()) {
        return false;
    }
    match wording {
        Wording::OfLog => !lexicon().entry(token).is_common() || user::is_built_of_name(token),
        Wording::OfAny => {
            user::is_built_of_name(token) || user::is_staff_code(token) || (stem.len() < whole.len() && user::is_user_name(token, true))
        }
    }
}

/// Accounts of services beside those that every system has.
#[rustfmt::skip]
static SERVICES: [&str; 106] = [
    "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "list", "irc", "gnats", "messagebus", "syslog", "sshd",
    "redis", "mongo", "mongodb", "elastic", "elasticsearch", "kibana", "logstash", "tomcat", "nginx", "apache", "httpd", "www", "web", "webmaster", "ftp",
    "ftpuser", "sftp", "gitlab", "gitea", "ansible", "puppet", "salt", "terraform", "docker", "podman", "kube", "ec2", "debian", "centos", "fedora",
    "vagrant", "pi", "administrator", "administrador", "demo", "hadoop", "spark", "kafka", "nagios", "zabbix", "icinga", "prometheus", "grafana",
    "postfix", "dovecot", "named", "bind", "ntp", "chrony", "squid", "snmp", "tftp", "telnet", "cisco", "ubnt", "service", "services", "tjanst",
    "tjeneste", "sql", "mssql", "mariadb", "psql", "dba", "dev", "developer", "test", "tester", "testuser", "info", "kiosk", "scanner",
    "printer", "skanner", "skriver", "printeren", "minecraft", "steam", "teamspeak", "vpn", "radius", "krbtgt", "local", "network", "logon", "dwm",
    "umfd", "healthcheck", "runner", "sonar",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, examples};

    fn found(text: &str) -> Vec<&str> {
        let findings = crate::detect::examples::scanner(&Country::ALL).scan(text);
        findings.into_iter().filter(|finding| finding.kind == Kind::Handle).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("log.rs"), &Country::ALL), 9);
    }

    #[test]
    fn names_of_logins_are_found_alone() {
        for (text, names) in [
            ("sshd[9]: Failed password for annab from 192.0.2.1 port 50122 ssh2", &["annab"][..]),
            ("Invalid user perolov from 192.0.2.1 port 22", &["perolov"]),
            ("Connection closed by authenticating user kolbeinn 192.0.2.1 port 22", &["kolbeinn"]),
            ("Disconnected from user annab 192.0.2.1", &["annab"]),
            ("systemd-logind[1]: New session 42 of user annab.", &["annab"]),
            ("pam_unix(sshd:session): session closed for user anna", &["anna"]),
            ("error: maximum authentication attempts exceeded for larsmo from 192.0.2.1", &["larsmo"]),
            ("su[4]: Successful su for klindqvist by annab", &["klindqvist", "annab"]),
            ("User annab logged in", &["annab"]),
            ("user 'annab' locked out", &["annab"]),
            ("Group <VPN> User <hfl042> IP <192.0.2.1> disconnected", &["hfl042"]),
            ("Logon Account:\tannab\nSource Workstation: PC14", &["annab"]),
            ("Account Name:\t\tannab\n\tAccount Domain:\tKONTOR", &["annab"]),
            ("Account Name: annab Account Domain: KONTOR", &["annab"]),
            ("<Data Name=\"TargetUserName\">annab</Data>", &["annab"]),
            ("mislykket login for bruger annab", &["annab"]),
            ("sudo:    annab : TTY=pts/1 ; PWD=/home ; USER=root ; COMMAND=/bin/ls", &["annab"]),
        ] {
            assert_eq!(found(text), names, "{text}");
        }
    }

    #[test]
    fn accounts_of_systems_and_words_of_sentences_are_left() {
        for text in [
            "Accepted publickey for root from 192.0.2.1",
            "Failed password for invalid user admin from 192.0.2.1",
            "Failed password for invalid user test1 from 192.0.2.1",
            "Accepted password for gitlab-runner from 192.0.2.1",
            "session opened for user www-data by (uid=0)",
            "session opened for user root by (uid=0)",
            "Login failed for user 'sa'.",
            "Account Name:\tSYSTEM",
            "Account Name:\tPC14$",
            "Account Name: -",
            "Account Name: Kim Lind",
            "Account Name: nordbygg konsult",
            "for user access, by user request, of user experience",
            "the user manual, user interface is slow, user flow failed",
            "password for wifi, password for the router, login for all",
            "et system for brukere, for bruker som vil, för användare av appen",
            "root : TTY=pts/0",
            "(uid=0)",
            ": TTY=",
            ": (to ",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        for unit in ["user ", " for ", "for user ", ": (to ", "(uid=", " : TTY=", "invalid user a", " för användare "] {
            assert_eq!(found(&unit.repeat(1 << 17)).len() / 3, 0, "{unit}");
        }
    }
}
