//! The pipeline file's text: parsed into [`RawPipeline`] with every mistake of form reported at its place, and the places found again for
//! the mistakes of meaning that [`super::resolve`] finds.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnose::Problems;
use super::raw::RawPipeline;

/// How many mistakes of form are looked for at the most.
const MOST_MISTAKES: usize = 200;

/// A pipeline file that was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it stands.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// A pipeline file that can not be read at all.
#[derive(Debug, thiserror::Error)]
#[error("can not read the pipeline file `{path}`: {reason}")]
pub struct Unreadable {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

impl Source {
    /// Reads the file. Mistakes of form go to `problems`; what is left of the file after taking them out is the second value, or `None`
    /// where too little is left to go on.
    pub fn read(path: &Path, problems: &mut Problems) -> Result<(Self, Option<RawPipeline>), Unreadable> {
        let unreadable = |reason: String| Unreadable { path: path.display().to_string(), reason };
        let bytes = std::fs::read(path).map_err(|error| unreadable(reason_of(&error)))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".into()))?;
        Ok(Self::parse(path, text, problems))
    }

    /// The same for a text at hand.
    pub fn parse(path: &Path, text: String, problems: &mut Problems) -> (Self, Option<RawPipeline>) {
        let source = Self { path: path.to_owned(), text };
        let (tree, syntax) = DeTable::parse_recoverable(&source.text);
        for mistake in &syntax {
            problems.add(mistake.span(), format!("not valid TOML: {}", mistake.message().replace('\n', ", ")), None);
        }
        let raw = if syntax.is_empty() { deserialise(tree, problems) } else { None };
        (source, raw)
    }

    /// The byte range of a place: the value's key where it has one, otherwise the nearest enclosing entry that exists.
    pub fn span(&self, place: &[impl AsRef<str>]) -> Option<Range<usize>> {
        let (tree, _) = DeTable::parse_recoverable(&self.text);
        let mut table: Option<&DeTable<'_>> = Some(tree.get_ref());
        let mut array: Option<&DeArray<'_>> = None;
        let mut found = None;
        for (depth, key) in place.iter().enumerate() {
            let key = key.as_ref();
            let last = depth + 1 == place.len();
            let value = if let Some(entries) = table {
                let Some((name, value)) = entries.iter().find(|(name, _)| name.get_ref().as_ref() == key) else { break };
                found = Some(if last && value.get_ref().as_table().is_none() && value.get_ref().as_array().is_none() {
                    value.span()
                } else {
                    name.span()
                });
                value
            } else if let Some(values) = array {
                let Some(value) = key.parse::<usize>().ok().and_then(|position| values.get(position)) else { break };
                found = Some(value.span());
                value
            } else {
                break;
            };
            table = value.get_ref().as_table();
            array = value.get_ref().as_array();
        }
        found
    }

    /// The folder that relative paths of the file are relative to.
    pub fn folder(&self) -> PathBuf {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }
}

/// Deserialises, and on each mistake takes the offending entry out and tries again, so that one run shows them all.
fn deserialise(mut tree: Spanned<DeTable<'_>>, problems: &mut Problems) -> Option<RawPipeline> {
    let mut parents_of_removed: Vec<Range<usize>> = Vec::new();
    let mut structure_is_whole = true;
    for _ in 0..MOST_MISTAKES {
        let mistake = match RawPipeline::deserialize(toml::de::Deserializer::from(tree.clone())) {
            Ok(raw) => return structure_is_whole.then_some(raw),
            Err(mistake) => mistake,
        };
        let span = mistake.span().unwrap_or(0..0);
        let message = mistake.message();
        let is_missing = message.starts_with("missing field");
        // A field that was taken out because of its value is not reported as missing as well.
        if !(is_missing && parents_of_removed.contains(&span)) {
            let (sentence, hint) = wording(message);
            problems.add(Some(span.clone()), sentence, hint);
        }
        if !message.starts_with("unknown field") && is_missing {
            structure_is_whole = false;
        }
        let table_span = tree.span();
        match remove(tree.get_mut(), &table_span, &span) {
            Some(parent) => parents_of_removed.push(parent),
            None => return None,
        }
    }
    None
}

/// The reason of an I/O error in words, without the path.
pub fn reason_of(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".into(),
        std::io::ErrorKind::PermissionDenied => "no permission".into(),
        std::io::ErrorKind::IsADirectory => "it is a folder".into(),
        std::io::ErrorKind::StorageFull => "the disk is full".into(),
        _ => error.to_string(),
    }
}

/// Takes the innermost entry that covers `wanted` out of the table; gives the span of the table it stood in.
fn remove(table: &mut DeTable<'_>, table_span: &Range<usize>, wanted: &Range<usize>) -> Option<Range<usize>> {
    let covers = |span: &Range<usize>| span.start <= wanted.start && wanted.end <= span.end;
    // Deeper first: an inner entry is the smaller piece to lose.
    for (_, value) in table.iter_mut() {
        let span = value.span();
        if span == *wanted {
            continue;
        }
        if let Some(parent) = remove_in(value, &span, wanted) {
            return Some(parent);
        }
    }
    let key = table.iter().find(|(key, value)| covers(&key.span()) || covers(&value.span())).map(|(key, _)| key.clone())?;
    table.remove(&key);
    Some(table_span.clone())
}

fn remove_in(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, wanted: &Range<usize>) -> Option<Range<usize>> {
    match value.get_mut() {
        DeValue::Table(inner) => remove(inner, span, wanted),
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                let item_span = item.span();
                if item_span == *wanted {
                    continue;
                }
                if let Some(parent) = remove_in(item, &item_span, wanted) {
                    return Some(parent);
                }
            }
            let covers = |span: Range<usize>| span.start <= wanted.start && wanted.end <= span.end;
            let position = items.iter().position(|item| covers(item.span()))?;
            let kept = std::mem::replace(items, DeArray::new()).into_iter().enumerate().filter(|(at, _)| *at != position);
            *items = kept.map(|(_, item)| item).collect();
            Some(span.clone())
        }
        _ => None,
    }
}

/// serde's message in our words, with a hint.
fn wording(message: &str) -> (String, Option<String>) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let name = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        return (format!("unknown key `{name}`"), suggestion(name, &known));
    }
    if message.starts_with("unknown variant") {
        let name = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        return (format!("unknown value `{name}`"), suggestion(name, &known));
    }
    if message.starts_with("missing field") {
        let name = quoted.next().unwrap_or_default();
        return (format!("the key `{name}` is missing"), None);
    }
    if message.starts_with("data did not match any variant") {
        return ("this value has the wrong form".into(), Some("`gallra schema` prints what each key takes".into()));
    }
    if let Some((wrong, wanted)) = message.rsplit_once(", expected ")
        && ["u8", "u16", "u32", "u64", "usize"].contains(&wanted)
    {
        let most = match wanted {
            "u8" => u64::from(u8::MAX),
            "u16" => u64::from(u16::MAX),
            "u32" => u64::from(u32::MAX),
            _ => i64::MAX as u64,
        };
        let number = quoted.next().filter(|_| wrong.contains(": integer `"));
        if number.is_some_and(|number| !number.starts_with('-')) {
            return (format!("{wrong}, which is too large"), Some(format!("a whole number from 0 to {most}")));
        }
        return (
            format!("{wrong}, expected a whole number"),
            Some("a whole number, 0 or above, without quotation marks or a point".into()),
        );
    }
    let hint = (message == "integer number overflowed").then(|| "a number has 64 bits at most: nothing here needs a larger one".to_owned());
    (message.replace('\n', ", "), hint)
}

/// The known word nearest to a mistyped one, or all of them where none is near.
pub fn suggestion(typed: &str, known: &[impl AsRef<str>]) -> Option<String> {
    let near = known.iter().map(|word| (strsim::jaro_winkler(typed, word.as_ref()), word.as_ref())).filter(|(likeness, _)| *likeness > 0.8);
    if let Some((_, word)) = near.max_by(|left, right| left.0.total_cmp(&right.0)) {
        return Some(format!("did you mean `{word}`?"));
    }
    if known.is_empty() || known.len() > 20 {
        return None;
    }
    let words: Vec<String> = known.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    Some(format!("one of {}", words.join(", ")))
}

/// Why a text with `${…}` could not be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpanded {
    /// The variable that is not set, or what is malformed.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

/// Expands `${NAME}` and `${NAME:-default}` from `environment`.
///
/// # Errors
/// Where a variable is not set, or the text is malformed. So is a path that begins with `~`: only a shell knows whose home that is, and a folder
/// of that name would be made.
pub fn expand(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, Unexpanded> {
    let unset = |reason| Unexpanded { reason, hint: "set it, or give a default: `${NAME:-default}`" };
    let path = text.strip_prefix("sqlite:").unwrap_or(text);
    if path == "~" || path.starts_with("~/") {
        let reason = "`~` is the shell's word for a home folder and is not known here".to_owned();
        return Err(Unexpanded { reason, hint: "write `${HOME}` in its place" });
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let end = inner.find('}').ok_or_else(|| unset("a `${` is not closed by `}`".to_owned()))?;
        let (name, default) = match inner[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&inner[..end], None),
        };
        match (environment(name).filter(|value| !value.is_empty() || default.is_none()), default) {
            (Some(value), _) => out.push_str(&value),
            (None, Some(default)) => out.push_str(default),
            (None, None) => return Err(unset(format!("the environment variable `{name}` is not set"))),
        }
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Problems, Option<RawPipeline>) {
        let mut problems = Problems::default();
        let (_, raw) = Source::parse(Path::new("p.toml"), text.to_owned(), &mut problems);
        (problems, raw)
    }

    const CONTROLLER: &str = "[controller]\nname = \"A\"\nsource = \"sqlite:a.db\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n";

    #[test]
    fn a_minimal_file_parses() {
        let (problems, raw) = read(CONTROLLER);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(raw.unwrap().controller.placeholder, "XXX");
    }

    #[test]
    fn numbers_survive() {
        let (problems, raw) = read(&format!("{CONTROLLER}[brake]\npercent = 7.5\n[run]\nbatch = 100\n"));
        assert!(problems.is_empty(), "{problems:?}");
        let raw = raw.unwrap();
        assert_eq!((raw.brake.percent, raw.run.batch), (7.5, 100));
    }

    #[test]
    fn every_unknown_key_is_reported_and_the_rest_goes_on() {
        let (problems, raw) = read(&format!(
            "{CONTROLLER}plaseholder = \"x\"\n[run]\nbatsh = 1\n[table.customer]\nemail = \"emial\"\nname = {{ class = \"name\", forgot = \"null\" }}\n"
        ));
        let messages: Vec<&str> = problems.list.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages.len(), 4, "{messages:?}");
        for wanted in ["`plaseholder`", "`batsh`", "`emial`", "`forgot`"] {
            assert!(messages.iter().any(|message| message.contains(wanted)), "{wanted}: {messages:?}");
        }
        assert!(problems.list.iter().all(|problem| problem.span.is_some()));
        assert_eq!(
            problems.list.iter().find(|problem| problem.message.contains("plaseholder")).unwrap().hint.as_deref(),
            Some("did you mean `placeholder`?")
        );
        assert!(raw.is_some());
    }

    #[test]
    fn a_missing_key_is_reported_at_its_table() {
        let (problems, raw) = read("[controller]\nname = \"A\"\n");
        assert!(problems.list[0].message.contains("`source` is missing"), "{problems:?}");
        assert!(raw.is_none());
    }

    #[test]
    fn a_number_that_is_too_large_is_told_how_large_it_may_be() {
        let hint = |number: &str| {
            let (problems, _) = read(&format!("{CONTROLLER}[run]\nbatch = 1\n[set.s]\nbase = \"b\"\nk = {number}\ncolumns = []\n"));
            let about_k = problems.list.iter().find(|problem| problem.message.contains("integer")).unwrap();
            (about_k.message.clone(), about_k.hint.clone().unwrap())
        };
        for large in ["4294967296", "5000000000", "99999999999999999999"] {
            let (message, hint) = hint(large);
            assert!(message.contains("too large") && hint == "a whole number from 0 to 4294967295", "{message}: {hint}");
        }
        assert!(hint(&"9".repeat(50)).1.contains("64 bits"));
        assert!(hint("-3").1.contains("0 or above"));
    }

    #[test]
    fn syntax_errors_are_reported() {
        let (problems, raw) = read("[controller\nname = \n");
        assert!(!problems.is_empty());
        assert!(raw.is_none());
    }

    #[test]
    fn places_are_found() {
        let text = format!("{CONTROLLER}[[reference]]\ntable = \"a\"\ncolumns = [\"x\", \"y\"]\nkind = \"owned\"\n");
        let mut problems = Problems::default();
        let (source, _) = Source::parse(Path::new("p.toml"), text.clone(), &mut problems);
        let span = source.span(&["reference", "0", "columns", "1"]).unwrap();
        assert_eq!(&text[span], "\"y\"");
        let span = source.span(&["controller", "country"]).unwrap();
        assert_eq!(&text[span], "\"SE\"");
    }

    #[test]
    fn environment_variables_expand() {
        let environment = |name: &str| (name == "DB").then(|| "x.db".to_owned());
        assert_eq!(expand("sqlite:${DB}", &environment).unwrap(), "sqlite:x.db");
        assert_eq!(expand("sqlite:${NO:-y.db}/z", &environment).unwrap(), "sqlite:y.db/z");
        assert!(expand("${NO}", &environment).unwrap_err().reason.contains("`NO`"));
        assert!(expand("${NO", &environment).is_err());
        assert_eq!(expand("plain $5", &environment).unwrap(), "plain $5");
        assert_eq!(expand("~mine/a~/b", &environment).unwrap(), "~mine/a~/b");
        for home in ["~", "~/published", "sqlite:~/x.db"] {
            assert!(expand(home, &environment).unwrap_err().hint.contains("${HOME}"), "{home}");
        }
    }
}
