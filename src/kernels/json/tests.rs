use arrow::array::StringArray;
use proptest::prelude::*;
use serde_json::Value;

use super::cursor::MOST_LEVELS;
use super::*;

fn shout(_: usize, text: &str) -> Option<String> {
    text.is_ascii().then(|| text.to_uppercase())
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn rewritten(text: &str, edits: &[(&str, Edit<'_>)]) -> Result<String, KernelError> {
    let edits: Vec<(Path, Edit<'_>)> = edits.iter().map(|(text, edit)| (path(text), *edit)).collect();
    rewrite(&StringArray::from(vec![text]), &edits, None, None).map(|treated| treated.value(0).to_owned())
}

#[track_caller]
fn check(text: &str, edits: &[(&str, Edit<'_>)], expected: &str) {
    let once = rewritten(text, edits).unwrap();
    assert_eq!(once, expected);
    assert_eq!(rewritten(&once, edits).unwrap(), expected, "a second time");
}

#[test]
fn only_the_value_at_the_path_changes() {
    check(
        r#" { "b":1.50e+0 , "a" : { "x" :"y" }, "n":12345678901234567890.10 }"#,
        &[("a.x", Edit::Null)],
        r#" { "b":1.50e+0 , "a" : { "x" :null }, "n":12345678901234567890.10 }"#,
    );
    check(r#"{"a": "\u00e5\/", "b": "c"}"#, &[("b", Edit::Constant("\"XXX\""))], r#"{"a": "\u00e5\/", "b": "XXX"}"#);
    check(r#"{"a":1,"a":{"b":2}}"#, &[("a", Edit::Null)], r#"{"a":null,"a":null}"#);
    check(r#"{"a":1,"a":{"b":2}}"#, &[("a.b", Edit::Null)], r#"{"a":1,"a":{"b":null}}"#);
    check(r#"{"A": 1, "a ": 2, "b": {"a": 3}}"#, &[("a", Edit::Null)], r#"{"A": 1, "a ": 2, "b": {"a": 3}}"#);
}

#[test]
fn keys_are_compared_by_what_they_say() {
    check(r#"{"\u0061\"\ud83d\ude00": 1}"#, &[(r#""a\"😀""#, Edit::Null)], r#"{"\u0061\"\ud83d\ude00": null}"#);
    check(
        r#"{"first.name": 1, "first": {"name": 2}}"#,
        &[(r#""first.name""#, Edit::Null)],
        r#"{"first.name": null, "first": {"name": 2}}"#,
    );
    check(r#"{"": 1}"#, &[(r#""""#, Edit::Null)], r#"{"": null}"#);
}

#[test]
fn stars_stand_for_every_key_and_every_element() {
    check(r#"{"anna@example.com": {"n": "A"}, "b": {"n": [1]}, "c": [{"n": 2}]}"#, &[("*.n", Edit::Null)], {
        r#"{"anna@example.com": {"n": null}, "b": {"n": null}, "c": [{"n": 2}]}"#
    });
    check(r#"[[1, 2], [], {"a": 3}, 4]"#, &[("[*][*]", Edit::Null)], r#"[[null, null], [], {"a": 3}, 4]"#);
    check(r#"{"lines": {"0": {"note": 1}}}"#, &[("lines[*].note", Edit::Null)], r#"{"lines": {"0": {"note": 1}}}"#);
}

#[test]
fn what_is_removed_takes_one_comma_with_it() {
    let check = |text: &str, expected: &str| check(text, &[("a", Edit::Remove), ("b", Edit::Remove)], expected);
    check(r#"{ "a": 1 }"#, r#"{  }"#);
    check(r#"{"a":1,"c":2}"#, r#"{"c":2}"#);
    check(r#"{"c":2, "a":1}"#, r#"{"c":2}"#);
    check(r#"{"a":1, "b":2, "c":3, "a":4, "d":5, "b":6}"#, r#"{"c":3, "d":5}"#);
    check(r#"{"a":[1,{}], "b":"}"}"#, r#"{}"#);
    check(r#"{"c":{"a":0} ,"a":1}"#, r#"{"c":{"a":0}}"#);
}

#[test]
fn texts_are_edited_and_everything_else_at_their_path_is_nulled() {
    let edits = [("a", Edit::Text(&shout))];
    check(r#"{"a": "b\u0063\n"}"#, &edits, r#"{"a": "BC\n"}"#);
    check(r#"{"a": "B\u0043"}"#, &edits, r#"{"a": "B\u0043"}"#);
    check(r#"{"a": "å"}"#, &edits, r#"{"a": null}"#);
    for other in ["{\"b\": \"c\"}", "[\"c\"]", "12", "-0.5e9", "true", "null"] {
        check(&format!(r#"{{"a": {other}}}"#), &edits, r#"{"a": null}"#);
    }
}

#[test]
fn texts_elsewhere_are_edited_unless_their_path_keeps_them() {
    let edits = [(path("k"), Edit::Keep), (path("z"), Edit::Null)];
    let documents = StringArray::from(vec![Some(r#"{"k": ["a"], "z": "b", "o": {"c": ["d", 1]}}"#), None, Some(""), Some("\"e\"")]);
    let once = rewrite(&documents, &edits, Some(&shout), None).unwrap();
    let expected = [Some(r#"{"k": ["a"], "z": null, "o": {"c": ["D", 1]}}"#), None, Some(""), Some("\"E\"")];
    assert_eq!(once, StringArray::from(expected.to_vec()));
    assert_eq!(rewrite(&once, &edits, Some(&shout), None).unwrap(), once);
}

#[test]
fn a_cell_that_is_no_document_is_named_by_row_and_never_quoted() {
    for text in [
        "anna@example.com",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{} {}",
        "\"a\nb\"",
        "'a'",
        "01",
        "1.",
        "\"\\x\"",
        "nul",
        "\u{feff}{}",
        "[1 2]",
        "NaN",
    ] {
        let error = rewrite(&StringArray::from(vec!["{}", text]), &[], None, None).unwrap_err();
        assert_eq!(error.to_string(), "kernel `json`: row 1 of type `Utf8` is not JSON", "{text}");
    }
}

#[test]
fn depth_has_an_end_and_length_is_kept_to() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(rewritten(&nested(MOST_LEVELS), &[]).is_ok());
    for bomb in [nested(MOST_LEVELS + 1), "[".repeat(5_000_000), "{\"a\":".repeat(1_000_000)] {
        assert!(rewritten(&bomb, &[("a", Edit::Null)]).unwrap_err().to_string().ends_with("is nested too deeply"));
    }
    let long = rewrite(&StringArray::from(vec![r#"{"a":1}"#]), &[(path("a"), Edit::Null)], None, Some(9)).unwrap_err();
    assert!(long.to_string().ends_with("would be longer than its column allows"), "{long}");
}

#[test]
fn paths_are_read_and_their_mistakes_named() {
    for (text, expected) in [
        ("", PathError::Empty),
        ("$.a", PathError::Root),
        ("a..b", PathError::EmptyStep),
        ("a.", PathError::EmptyStep),
        (".a", PathError::EmptyStep),
        ("a.[*]", PathError::EmptyStep),
        ("a[0]", PathError::Brackets),
        ("a]", PathError::Brackets),
        ("a*", PathError::Star),
        ("**.a", PathError::Star),
        ("\"a", PathError::Quotes),
        ("\"a\"b", PathError::Quotes),
        ("a\"b\"", PathError::Quotes),
    ] {
        assert_eq!(text.parse::<Path>(), Err(expected), "{text}");
    }
    assert_eq!(path(r#""$"."a.b"[*].*.$oid"#).steps().len(), 5);
    assert!(path("a[*].b").meets(&path("a")) && path("*").meets(&path("a.b")));
    assert!(!path("a[*]").meets(&path("a.*")) && !path("a.b").meets(&path("a.c.b")));
}

#[test]
fn all_texts_are_visited_with_the_path_that_they_belong_to() {
    let paths = [path("a"), path("n")];
    let mut seen = Vec::new();
    let whole = visit_texts(r#"{"a": {"b": ["x", 1]}, "n": 8503011234, "c": ["\u0079"], "k": 5}"#, &paths, &mut |path, text| {
        seen.push((path, text.to_owned()));
    });
    assert!(whole);
    assert_eq!(seen, [(Some(0), "x".to_owned()), (Some(1), "8503011234".to_owned()), (None, "y".to_owned())]);
    assert!(!visit_texts("no document", &paths, &mut |_, _| {}));
}

/// A document with the blanks and escapes of its writer.
#[derive(Clone, Debug)]
enum Node {
    Other(String),
    Text(String),
    List(Vec<(String, Node)>),
    Object(Vec<(String, String, Node)>),
}

/// What the slow way does to a value.
#[derive(Clone, Copy, PartialEq)]
enum Slow {
    Null,
    Constant,
    Shout,
}

impl Node {
    /// The document as its writer would have written it, had the edit been made before.
    fn write(&self, steps: Option<&[Step]>, edit: Slow, out: &mut String) {
        if let Some([]) = steps {
            let text = if let Self::Text(raw) = self { serde_json::from_str::<String>(&format!("\"{raw}\"")).ok() } else { None };
            out.push_str(&match (edit, text) {
                (Slow::Constant, _) => "[0]".to_owned(),
                (Slow::Shout, Some(text)) if text.is_ascii() && text != text.to_uppercase() => {
                    serde_json::to_string(&text.to_uppercase()).unwrap()
                }
                (Slow::Shout, Some(text)) if text.is_ascii() => {
                    self.write(None, edit, out);
                    return;
                }
                _ => "null".to_owned(),
            });
            return;
        }
        match self {
            Self::Other(raw) => out.push_str(raw),
            Self::Text(raw) => out.push_str(&format!("\"{raw}\"")),
            Self::List(members) => {
                out.push('[');
                for (at, (blank, node)) in members.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    out.push_str(blank);
                    node.write(steps.filter(|steps| steps[0] == Step::AnyElement).map(|steps| &steps[1..]), edit, out);
                    out.push_str(blank);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (blank, raw, node)) in members.iter().enumerate() {
                    let key: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
                    out.push_str(&format!("{}{blank}\"{raw}\"{blank}:{blank}", if at == 0 { "" } else { "," }));
                    let taken = |steps: &&[Step]| steps[0] == Step::AnyKey || steps[0] == Step::Key(key.clone());
                    node.write(steps.filter(taken).map(|steps| &steps[1..]), edit, out);
                    out.push_str(blank);
                }
                out.push('}');
            }
        }
    }
}

/// Removal on a tree, the way one would do it without thinking of text.
fn prune(value: &mut Value, steps: &[Step]) {
    let [step, rest @ ..] = steps else { return };
    match (value, step) {
        (Value::Array(list), Step::AnyElement) if rest.is_empty() => list.clear(),
        (Value::Array(list), Step::AnyElement) => list.iter_mut().for_each(|value| prune(value, rest)),
        (Value::Object(map), Step::AnyKey) if rest.is_empty() => map.clear(),
        (Value::Object(map), Step::Key(key)) if rest.is_empty() => drop(map.remove(key)),
        (Value::Object(map), Step::AnyKey) => map.values_mut().for_each(|value| prune(value, rest)),
        (Value::Object(map), Step::Key(key)) => map.get_mut(key).into_iter().for_each(|value| prune(value, rest)),
        _ => {}
    }
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => "[ \n\t\r]{1,3}"]
}

fn raw_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            "[a-zåÄ😀,{}:\\[\\]]",
            Just("\\\"".to_owned()),
            Just("\\\\".to_owned()),
            Just("\\u00E5".to_owned()),
            Just("\\ud83d\\ude00".to_owned()),
            Just("\\n".to_owned()),
            Just("\\/".to_owned())
        ],
        0..6,
    )
    .prop_map(|pieces| pieces.concat())
}

fn raw_key() -> impl Strategy<Value = String> {
    prop_oneof![6 => "[abc]".prop_map(|key: String| key), 1 => Just("\\u0061".to_owned()), 1 => raw_text()]
}

fn node() -> impl Strategy<Value = Node> {
    let other = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
    ];
    let leaf = prop_oneof![other.prop_map(Node::Other), raw_text().prop_map(Node::Text)];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec((blank(), inner.clone()), 0..5).prop_map(Node::List),
            prop::collection::vec((blank(), raw_key(), inner), 0..5).prop_map(Node::Object),
        ]
    })
}

fn any_path() -> impl Strategy<Value = Path> {
    let step = prop_oneof![4 => "[abc]".prop_map(|key: String| format!(".{key}")), 2 => Just("[*]".to_owned()), 1 => Just(".*".to_owned())];
    prop::collection::vec(step, 1..4).prop_map(|steps| path(steps.concat().trim_start_matches('.')))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_result_is_what_the_writer_would_have_written(node in node(), path in any_path(), around in blank(), which in 0..3_usize) {
        let slow = [Slow::Null, Slow::Constant, Slow::Shout][which];
        let edit = [Edit::Null, Edit::Constant("[0]"), Edit::Text(&shout)][which];
        let written = |steps: Option<&[Step]>| {
            let mut text = around.clone();
            node.write(steps, slow, &mut text);
            text + &around
        };
        let original = written(None);
        let edits = [(path, edit)];
        let once = rewrite(&StringArray::from(vec![original.clone()]), &edits, None, None).unwrap();
        prop_assert_eq!(once.value(0), written(Some(edits[0].0.steps())), "{}", original);
        let twice = rewrite(&once, &edits, None, None).unwrap();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn removal_agrees_with_a_tree(node in node(), path in any_path()) {
        let mut original = String::new();
        node.write(None, Slow::Null, &mut original);
        let mut tree: Value = serde_json::from_str(&original).unwrap();
        prune(&mut tree, path.steps());
        let edits = [(path, Edit::Remove)];
        let once = rewrite(&StringArray::from(vec![original.clone()]), &edits, None, None).unwrap();
        let read: Value = serde_json::from_str(once.value(0)).unwrap();
        prop_assert_eq!(read, tree, "{}", original);
        prop_assert_eq!(&rewrite(&once, &edits, None, None).unwrap(), &once);
    }

    #[test]
    fn what_counts_as_json_is_what_another_reader_takes_for_it(node in node(), at: prop::sample::Index, with in prop_oneof!["", "[\\[\\]{}\",:0-9eE.+\\\\u tnl-]{1,2}", "\\PC"], cut in 0..3_usize) {
        let mut text = String::new();
        node.write(None, Slow::Null, &mut text);
        let mut letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len() + 1);
        letters.splice(at..(at + cut).min(letters.len()), with.chars());
        let text: String = letters.into_iter().collect();
        let taken = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() || text.trim().is_empty();
        prop_assert_eq!(rewritten(&text, &[]).is_ok(), taken, "{}", text);
    }

    #[test]
    fn any_text_is_quoted_as_another_reader_reads_it(text: String) {
        prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text.clone());
        let document = quoted(&text);
        let mut seen = None;
        prop_assert!(visit_texts(&document, &[], &mut |_, text| seen = Some(text.to_owned())));
        prop_assert_eq!(seen, Some(text));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", path in "\\PC{0,12}") {
        let _ = rewritten(&text, &[("a", Edit::Remove)]);
        let _ = path.parse::<Path>();
    }
}
