//! User names that no `@` and no colon leads to.
//!
//! Finds: the name behind a label and a blank (`user kim_92`, `bruker kari.n`, `insta kim92`, `VPN-bruger hfl042`, `agent mlj09`), behind `inloggad som` and the like, before
//! `på insta`, and behind the `=` of a program's line (`user=klindqvist`).
//!
//! Rule: what stands behind a blank has an underscore, a digit or a dot within. As `bruker` also means *uses* and `user` stands before
//! versions and file names, it begins with a small letter, is no word with a number behind it (`user story2`), ends in no suffix of a
//! file, and with a dot one of its parts is a usual name. Where `bruker` can be no verb, initials and a number are enough (`kj4412`). Behind a service's name (`snap`, `insta`) less is asked. Behind `user=` any word
//! is a name but those of a system's own accounts (`root`, `admin`) and of values (`null`, `true`); behind `konto=` it has to be built
//! like one.
//!
//! Source: the services' own rules of names, as for `handle`; RFC 5424 and logfmt for `key=value` in a log.
//!
//! ```text
//! User kim_92 locked out, inloggad som kim92, bruker kari.n fikk ikke tilgang → User [handle] locked out, inloggad som [handle], bruker [handle] fikk ikke tilgang
//! user=klindqvist ip ok; username="kim.l" → user=[handle] ip ok; username="[handle]"
//! jag heter kim_l på insta, snap kimlind04 → jag heter [handle] på insta, snap [handle]
//! användare kj4412 låst, VPN-bruger hfl042, agent mlj09 → användare [handle] låst, VPN-bruger [handle], agent [handle]
//! vi bruker hd4000, agent win10, han bruger mp3 → vi bruker hd4000, agent win10, han bruger mp3
//! user=root, user=null, login=success → user=root, user=null, login=success
//! bruker f.eks. Excel, bruger bl.a. office365, user manual.pdf, user user_id → bruker f.eks. Excel, bruger bl.a. office365, user manual.pdf, user user_id
//! ```

use super::handle::{self, LONGEST, NOBODY, ROLES, SERVICES};
use crate::detect::Kind;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::lexicon::{Entry, lexicon};
use crate::detect::resolve::Candidate;

/// Offers the user name that this group of digits ends or stands in: `kim92`.
pub(super) fn recognise_digits(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() <= 8) else { return };
    match page.bytes()[..group.start] {
        [.., b'a'..=b'z' | b'A'..=b'Z'] => recognise(page, group.start, found),
        // `kim_92`
        [.., b'a'..=b'z' | b'A'..=b'Z', b'_' | b'.'] => recognise(page, group.start - 1, found),
        _ => {}
    }
}

/// Offers the user name in which this `.`, `_` or digit is the first that is no letter.
pub(super) fn recognise(page: &Page<'_>, inside: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    let letters = bytes[..inside].iter().rev().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let start = inside - letters;
    let Some(blank) = start.checked_sub(1).filter(|_| letters > 0) else { return };
    let is_quoted = matches!(bytes[blank], b'"' | b'\'');
    let before = if is_quoted { blank.checked_sub(1).map_or(b'\n', |before| bytes[before]) } else { bytes[blank] };
    if before != b' ' {
        return;
    }
    let Some(end) = handle::name(page, start) else { return };
    let Some(token) = page.text.get(start..end) else { return };
    // "f.eks.": a point behind is one of its own.
    if handle::is_host_name(token.as_bytes()) || token.contains('-') || !handle::is_invented(token.as_bytes()) {
        return;
    }
    let label = label_before(page.text, if is_quoted { blank - 1 } else { blank });
    let is_fit = match label {
        Some(Label::Service) => is_name_of_service(token),
        Some(Label::Account) => (is_user_name(token, false) && !has_suffix(token)) || is_staff_code(token),
        Some(Label::Staff) => is_staff_code(token),
        Some(Label::Verb) => is_user_name(token, true) && !has_suffix(token),
        None => is_on_service(page.text, end) && is_user_name(token, false),
    };
    if !is_fit || (token.contains('.') && bytes.get(end) == Some(&b'.') && !token.contains('_')) && !ends_sentence(bytes, end) {
        return;
    }
    if handle::is_telling(page, start, end) {
        return;
    }
    found.push(Candidate::shape(start, end, Kind::Handle, if label == Some(Label::Verb) { 0.85 } else { 0.9 }));
}

/// Offers the user name behind a `=` and its label: `user=kim`.
pub(super) fn recognise_value(page: &Page<'_>, equals: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    if !equals.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphabetic() || bytes[before] >= 0x80) {
        return;
    }
    let Some(label) = word_before(page.text, equals) else { return };
    let before = (equals - label.len()).checked_sub(1).map(|before| bytes[before]);
    if !matches!(before, None | Some(b' ' | b'\n' | b'\r' | b'\t' | b'(' | b'"' | b'\'' | b',' | b';' | b'|' | b'{' | b'_' | b'.')) {
        return;
    }
    let folded = Folded::of(label);
    let label = folded.as_str();
    let is_person = USERS.contains(&label) || SERVICES.contains(&label);
    if !is_person && !ROLES.contains(&label) {
        return;
    }
    let mut start = equals + 1;
    if matches!(bytes.get(start), Some(b'"' | b'\'')) {
        start += 1;
    }
    let Some(end) = handle::name(page, start) else { return };
    let Some(token) = page.text.get(start..end) else { return };
    let is_plain = token.chars().any(char::is_alphabetic) && !token.chars().any(char::is_uppercase);
    let folded = Folded::of(token);
    if !is_plain || handle::is_host_name(token.as_bytes()) || is_of_system(folded.as_str()) || handle::is_telling(page, start, end) {
        return;
    }
    let is_invented = handle::is_invented(token.as_bytes());
    let is_name = is_person && token.len() >= 3 && !is_word(lexicon().entry(token));
    if is_invented || is_name || is_initial_and_family(token) || is_joined_name(token) {
        found.push(Candidate::shape(start, end, Kind::Handle, if is_invented { 0.95 } else { 0.9 }));
    }
}

/// What a label says of a name behind it.
#[derive(Clone, Copy, PartialEq)]
enum Label {
    /// A service's name, or a word for a user name.
    Service,
    /// A word for an account.
    Account,
    /// A word for a user that is a verb as well.
    Verb,
    /// A word for somebody at work, whose initials and number may follow.
    Staff,
}

/// The label that ends at this blank.
fn label_before(text: &str, blank: usize) -> Option<Label> {
    let Some(word) = word_before(text, blank) else { return label_of_compound(text, blank) };
    let folded = Folded::of(word);
    let folded = folded.as_str();
    match folded {
        "bruker" | "bruger" | "brukar" if is_noun(text, blank - word.len()) => return Some(Label::Account),
        "bruker" | "bruger" | "brukar" | "nick" | "alias" => return Some(Label::Verb),
        "agent" | "agenten" | "operator" | "operatoren" | "operatorn" | "handlaggare" | "saksbehandler" | "sagsbehandler"
        | "medarbejder" => {
            return Some(Label::Staff);
        }
        "som" | "as" | "sem" => {
            let before = (blank - word.len()).checked_sub(1).filter(|before| text.as_bytes()[*before] == b' ')?;
            let folded = Folded::of(word_before(text, before)?);
            const LOGGED: [&str; 16] = [
                "in",
                "inn",
                "ind",
                "inloggad",
                "inloggade",
                "innlogget",
                "indlogget",
                "innlogga",
                "login",
                "inloggning",
                "inn",
                "loggad",
                "logget",
                "logged",
                "signed",
                "innskradur",
            ];
            return LOGGED.contains(&folded.as_str()).then_some(Label::Account);
        }
        "kayttajana"
        | "tunnuksella"
        | "nimimerkilla"
        | "nimimerkki"
        | "notandanafni"
        | "notandanafninu"
        | "anvandarnamnet"
        | "brukernavnet"
        | "brugernavnet"
        | "kayttajatunnuksella"
        | "kayttajanimella" => return Some(Label::Service),
        "login" | "logon" | "konto" | "account" | "tunnus" => return Some(Label::Account),
        _ => {}
    }
    if SERVICES.contains(&folded) {
        return Some(Label::Service);
    }
    (ROLES.contains(&folded) || USERS.contains(&folded)).then_some(Label::Account)
}

/// The label that is the last part of a word with a hyphen: `VPN-bruger`, `AD-konto`.
fn label_of_compound(text: &str, blank: usize) -> Option<Label> {
    const LABELS: [&str; 14] = [
        "bruker",
        "brukeren",
        "bruger",
        "brugeren",
        "brukar",
        "anvandare",
        "anvandaren",
        "kayttaja",
        "notandi",
        "user",
        "konto",
        "account",
        "tunnus",
        "login",
    ];
    let before = text.get(text.ceil_char_boundary(blank.saturating_sub(28))..blank)?;
    let (head, word) = before.rsplit_once('-')?;
    (head.ends_with(|last: char| last.is_alphabetic()) && LABELS.contains(&Folded::of(word).as_str())).then_some(Label::Account)
}

/// Whether `bruker` or `bruger`, which also means *uses*, is a noun here: it begins a sentence, or follows a word such as `for`.
fn is_noun(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let head = before.trim_end_matches(' ');
    if head.is_empty() || head.ends_with(['.', ':', '\n', '!', '?', '(', '|']) {
        return text.get(start..).is_some_and(|word| word.starts_with(char::is_uppercase));
    }
    ["for", "av", "af", "til", "fra", "på", "hos"].iter().any(|word| head.strip_suffix(word).is_some_and(|outer| outer.ends_with(' ')))
}

/// The word of letters that ends here, free before; none where it is long or there is none.
fn word_before(text: &str, end: usize) -> Option<&str> {
    /// More bytes than any label has.
    const LABEL: usize = 28;
    let floor = text.ceil_char_boundary(end.saturating_sub(LABEL));
    let window = text.get(floor..end)?;
    let head = window.trim_end_matches(char::is_alphabetic);
    let is_cut = head.is_empty() && floor > 0;
    let is_free = !head.ends_with(['@', ']', '/', '-']) && !head.ends_with(|last: char| last.is_numeric());
    (head.len() < window.len() && !is_cut && is_free).then(|| &window[head.len()..])
}

/// Whether a service's name follows: ` på insta`.
fn is_on_service(text: &str, end: usize) -> bool {
    const ON: [&str; 6] = [" på ", " on ", " paa ", " pa ", " á ", " i "];
    const SOCIAL: [&str; 15] = [
        "insta",
        "instagram",
        "instan",
        "snap",
        "snapchat",
        "discord",
        "tiktok",
        "twitter",
        "telegram",
        "kik",
        "skype",
        "steam",
        "ig",
        "teams",
        "twitch",
    ];
    let Some(rest) = text.get(end..).and_then(|rest| ON.iter().find_map(|on| rest.strip_prefix(on))) else { return false };
    let word = rest.split(|character: char| !character.is_alphabetic()).next().unwrap_or_default();
    SOCIAL.contains(&Folded::of(word).as_str())
}

/// Whether a point behind a name ends the sentence: a blank and a capital, or nothing behind it.
fn ends_sentence(bytes: &[u8], end: usize) -> bool {
    match bytes.get(end + 1..).unwrap_or_default() {
        [] | [b'\n' | b'\r' | b')' | b'"', ..] => true,
        [b' ', next, ..] => next.is_ascii_uppercase() || *next >= 0x80,
        _ => false,
    }
}

/// Whether a word is one of a language and no usual name.
fn is_word(entry: Entry) -> bool {
    entry.is_common() || entry.word() >= 5 || entry.is_brand()
}

fn is_usual_name(word: &str) -> bool {
    let entry = lexicon().entry(word);
    entry.given().max(entry.family()) >= 4 && !is_word(entry)
}

/// `klindqvist`, `aohansen`: one initial or two and a usual family name, together no word.
pub(super) fn is_initial_and_family(token: &str) -> bool {
    let name = token.trim_end_matches(|character: char| character.is_ascii_digit());
    if name.len() < 6 || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let whole = lexicon().entry(name);
    let is_family = |rest: Option<&str>| {
        rest.filter(|rest| rest.len() >= 4).is_some_and(|rest| {
            let entry = lexicon().entry(rest);
            entry.family() >= 5 && !entry.is_common() && entry.word() < 5
        })
    };
    whole.is_unknown() && (is_family(name.get(1..)) || is_family(name.get(2..).filter(|rest| rest.len() >= 6)))
}

/// `kj4412`, `mlj09`: two to four letters, no word, and two to six digits, as employers make user names.
pub(super) fn is_staff_code(token: &str) -> bool {
    let letters = token.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, digits) = token.split_at(letters);
    let is_one_case = word.bytes().all(|byte| byte.is_ascii_lowercase()) || word.bytes().all(|byte| byte.is_ascii_uppercase());
    let entry = lexicon().entry(word);
    (2..=4).contains(&letters)
        && (2..=6).contains(&digits.len())
        && token.len() >= 5
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && is_one_case
        && !is_word(entry)
        && !FIELDS.contains(&Folded::of(word).as_str())
}

/// Whether letters alone are built of a person's name: the name itself, `annab`, `larsmo`, `perolov`, `klindqvist`.
pub(super) fn is_built_of_name(token: &str) -> bool {
    if !token.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    is_usual_name(token) || is_initial_and_family(token) || is_joined_name(token)
}

/// Whether a word that is in no table is a given name and a part of another: `annab`, `larsmo`, `perolov`.
pub(super) fn is_joined_name(token: &str) -> bool {
    /// A given name before the letters of a family name.
    const SHORTEST: usize = 3;
    let is_given = |length: usize| {
        token.get(..length).is_some_and(|head| {
            let (given, rest) = (lexicon().entry(head), token.len() - length);
            given.given() >= 6 && (length > SHORTEST || rest >= 3) && !given.is_common()
        })
    };
    let is_rest = |length: usize| {
        token.get(length..).is_some_and(|rest| rest.len() <= 3 || lexicon().entry(rest).given().max(lexicon().entry(rest).family()) >= 4)
    };
    let is_plain = token.bytes().all(|byte| byte.is_ascii_lowercase());
    is_plain && lexicon().entry(token).is_unknown() && (SHORTEST..token.len()).any(|length| is_given(length) && is_rest(length))
}

/// Whether a token of a service's label is its name: `kim_l`, `kimlind04`.
fn is_name_of_service(token: &str) -> bool {
    token.len() >= 4 && token.bytes().filter(u8::is_ascii_alphabetic).count() >= 3 && !has_suffix(token)
}

/// Whether a token is built like a user name rather than a word with a number, an abbreviation or an identifier of a program.
pub(super) fn is_user_name(token: &str, is_strict: bool) -> bool {
    if !token.is_ascii() || token.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let is_part = |character: char| matches!(character, '.' | '_');
    let stem = |part: &'_ str| part.len() - part.bytes().rev().take_while(u8::is_ascii_digit).count();
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut parts = token.split(is_part).map(|part| part.get(..stem(part)).unwrap_or_default());
    if token.contains(is_part) {
        let has_name = token.split(is_part).map(|part| part.get(..stem(part)).unwrap_or_default()).any(is_usual_name);
        let is_field = token.split(is_part).any(|part| FIELDS.contains(&part));
        let is_plain = parts.all(|part| part.is_empty() || letters(part));
        let is_long = token.bytes().filter(u8::is_ascii_alphabetic).count() >= 3;
        // `user user_id`, `user table_name`.
        return is_plain && is_long && !is_field && (has_name || (!is_strict && token.contains('_')));
    }
    let Some(word) = parts.next().filter(|word| word.len() >= 3 && letters(word)) else { return false };
    let digits = token.len() - word.len();
    let entry = lexicon().entry(word);
    let is_named = is_usual_name(word) || is_initial_and_family(word);
    (1..=8).contains(&digits) && (is_named || (!is_strict && !is_word(entry) && !entry.is_place() && !FIELDS.contains(&word)))
}

/// Whether it ends as files and hosts do: `manual.pdf`.
fn has_suffix(token: &str) -> bool {
    const SUFFIXES: [&str; 38] = [
        "pdf", "doc", "docx", "xls", "xlsx", "csv", "txt", "json", "xml", "yaml", "yml", "html", "htm", "php", "js", "ts", "py", "rs",
        "sql", "log", "zip", "png", "jpg", "jpeg", "exe", "dll", "cfg", "conf", "ini", "md", "app", "dev", "local", "cloud", "dk", "no",
        "se", "net",
    ];
    token.rsplit_once('.').is_some_and(|(_, suffix)| SUFFIXES.contains(&suffix))
}

/// Whether it is an account of the system's own, or a value that is no name.
pub(super) fn is_of_system(folded: &str) -> bool {
    NOBODY.contains(&folded)
        || SYSTEM.contains(&folded)
        || folded.starts_with("svc")
        || folded.starts_with("system")
        || folded.starts_with("admin")
}

static SYSTEM: [&str; 58] = [
    "root",
    "sa",
    "guest",
    "gast",
    "gjest",
    "nobody",
    "www-data",
    "ubuntu",
    "deploy",
    "jenkins",
    "git",
    "oracle",
    "mysql",
    "postgres",
    "backup",
    "anonymous",
    "unknown",
    "none",
    "null",
    "undefined",
    "true",
    "false",
    "nil",
    "default",
    "daemon",
    "cron",
    "bot",
    "api",
    "batch",
    "public",
    "user",
    "users",
    "bruker",
    "anvandare",
    "current",
    "new",
    "any",
    "self",
    "me",
    "yes",
    "no",
    "ja",
    "nej",
    "nei",
    "ok",
    "success",
    "failed",
    "failure",
    "error",
    "okand",
    "ukjent",
    "ukendt",
    "tuntematon",
    "operator",
    "support",
    "monitor",
    "scheduler",
    "cache",
];

/// Labels of names in a program's line beside those of a form.
static USERS: [&str; 24] = [
    "logname",
    "ruser",
    "user",
    "username",
    "usr",
    "uid",
    "userid",
    "loginname",
    "anvandare",
    "anvandaren",
    "anvandarnamn",
    "bruker",
    "brukeren",
    "brukernavn",
    "brukar",
    "bruger",
    "brugeren",
    "brugernavn",
    "kayttaja",
    "kayttajan",
    "kayttajatunnus",
    "notandi",
    "notanda",
    "notandanafn",
];

/// What identifiers of a program end in, and words with a number behind them.
static FIELDS: [&str; 34] = [
    "id", "ids", "name", "names", "key", "keys", "type", "table", "data", "group", "role", "list", "count", "test", "token", "status",
    "config", "agent", "story", "level", "file", "path", "code", "info", "windows", "office", "win", "iphone", "ipad", "android",
    "version", "http", "namn", "navn",
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
        assert_eq!(examples::check(include_str!("user.rs"), &Country::ALL), 7);
    }

    #[test]
    fn a_long_word_behind_a_name_is_read_whole() {
        assert_eq!(found("annab1 i Stockholmsområdet"), [""; 0]);
        assert_eq!(found("annab1 i StockholmTorpegård, annab1 på insta"), ["annab1"]);
    }

    #[test]
    fn names_behind_words_and_equal_signs_are_found() {
        for (text, name) in [
            ("User tran_kh locked out after three attempts", "tran_kh"),
            ("Bruker kari.n har ikke tilgang", "kari.n"),
            ("brugeren mette_77 er spærret", "mette_77"),
            ("du är inloggad som lasse58 just nu", "lasse58"),
            ("Logged in as 'sara_m'.", "sara_m"),
            ("logget inn som ola.nordmann3", "ola.nordmann3"),
            ("kirjautunut tunnuksella mvirtanen4", "mvirtanen4"),
            ("skriv på snap kallek07", "kallek07"),
            ("hon heter lisa_a på insta", "lisa_a"),
            ("2025-03-04 09:00:01 WARN user=bhansen src=192.0.2.4", "bhansen"),
            ("level=info user=zofia status=200", "zofia"),
            ("notandi=gudrun.h innskráður", "gudrun.h"),
            ("käyttäjä: jvirtanen sivulta", "jvirtanen"),
            ("login=pandersson ok", "pandersson"),
            ("login as kim92 worked", "kim92"),
        ] {
            assert_eq!(found(text), [name], "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_left() {
        for text in [
            "user=root uid=0",
            "user=postgres password=x",
            "user=null, user=true, user=unknown",
            "if (user==null)",
            "user=getUser()",
            "user=currentUser",
            "login=failed",
            "konto=sparande",
            "Vi bruker windows11 og office365",
            "bruger bl.a. f.eks. mp3",
            "User story2 är klar",
            "user manual.pdf",
            "user user_id, user first_name",
            "user config.json",
            "user agent_v2",
            "konto a.b",
            "bruker appen.hun sier",
            "inloggad som admin",
            "mer som kim92x5y",
            "finns version2 på github",
            "x = y, a=b, 1=1",
            "superuser=kim",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        assert_eq!(found(&"user=".repeat(1 << 18)), [""; 0]);
        assert_eq!(found(&"a_a.".repeat(1 << 18)), [""; 0]);
        assert_eq!(found(&"/a?b=".repeat(1 << 16)), [""; 0]);
    }
}
