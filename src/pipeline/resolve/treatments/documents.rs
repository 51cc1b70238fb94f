//! Columns of JSON documents: which values inside are personal, and what happens to them.

use super::*;
use crate::kernels::json;
use crate::pipeline::raw::{RawPath, RawPathSettings};
use crate::pipeline::{Replacement, Scrubbing};

/// What takes a whole document's place where NULL can not.
const EMPTY: &str = "{}";

/// Whether the store itself takes nothing but documents in a column.
pub(super) fn is_json(column: &crate::store::Column) -> bool {
    ["json", "jsonb"].iter().any(|declared| column.declared.eq_ignore_ascii_case(declared))
}

/// The placeholder for a whole document; `None` where the file's own is not one.
pub(super) fn constant(own: Option<Scalar>) -> Option<Scalar> {
    match own {
        None => Some(Scalar::Text(EMPTY.to_owned())),
        Some(Scalar::Text(text)) => json::visit_texts(&text, &[], &mut |_, _| ()).then_some(Scalar::Text(text)),
        Some(_) => None,
    }
}

impl Resolver<'_> {
    /// Scrubbing a text; of a document the texts inside, so that it stays one.
    pub(super) fn scrub_of(&mut self, table: TableIndex, column: ColumnIndex, settings: &RawColumnSettings, place: &[&str]) -> Treatment {
        if is_json(&self.tables[table].catalog.columns[column]) {
            let scrub_rest = Some(self.scrubbing(&settings.scrubbing(), Replacement::Null, place));
            return Treatment::Document(Document { paths: Vec::new(), scrub_rest });
        }
        Treatment::Scrub(self.scrubbing(&settings.scrubbing(), self.dropped(table, column), place))
    }

    /// The treatment of a column whose settings name paths.
    pub(super) fn document(
        &mut self,
        table: TableIndex,
        column: ColumnIndex,
        settings: &RawColumnSettings,
        records: &[Record],
        place: &[&str],
    ) -> Treatment {
        self.check_document_column(table, column, settings, place);
        let mut paths: Vec<DocumentPath> = Vec::new();
        let of_column = self.scrubbing(&settings.scrubbing(), Replacement::Null, place);
        for (text, RawPath(path_settings)) in &settings.paths {
            let place: Vec<&str> = place.iter().copied().chain(["paths", text.as_str()]).collect();
            let path: json::Path = match text.parse() {
                Ok(path) => path,
                Err(reason) => {
                    let hint =
                        "keys divided by full stops, `[*]` for every element of a list, `*` for every key: `lines[*].note`".to_owned();
                    self.problem(&place, format!("`{text}` is not a path: {reason}"), Some(hint));
                    continue;
                }
            };
            if let Some(other) = paths.iter().find(|other| other.path.meets(&path)) {
                let message = format!("the paths `{}` and `{path}` meet: one value would have two treatments", other.path);
                self.problem(&place, message, Some("what stands at a path is treated as a whole; take one of the two out".to_owned()));
            }
            let said = path_settings.scrubbing();
            let scrubbing = match said.is_empty() {
                true => of_column,
                false => self.scrubbing(&said.clone().or(settings.scrubbing()), Replacement::Null, &place),
            };
            let treatment = self.path_treatment(table, column, text, path_settings, records, scrubbing, &place);
            let (table_name, name) = self.names(table, column);
            let what = format!("`{text}` in `{table_name}.{name}`");
            self.check_scrubbed(&what, &said, matches!(treatment, PathTreatment::Scrub(_)), &place);
            paths.push(DocumentPath { path, class: path_settings.class, treatment });
        }
        let scrub_rest = (settings.class == Class::FreeText).then_some(of_column);
        if scrub_rest.is_none() && paths.iter().all(|path| path.treatment == PathTreatment::Keep) {
            return Treatment::Keep;
        }
        Treatment::Document(Document { paths, scrub_rest })
    }

    /// The first personal path of a column with its class, as the file gives them.
    pub(crate) fn personal_path(&self, table: TableIndex, column: ColumnIndex) -> Option<(String, Class)> {
        let (settings, _) = self.settings(table, column)?;
        settings.paths.into_iter().map(|(text, RawPath(path))| (text, path.class)).find(|(_, class)| is_personal(*class))
    }

    fn check_document_column(&mut self, table: TableIndex, column: ColumnIndex, settings: &RawColumnSettings, place: &[&str]) {
        let described = self.tables[table].catalog.columns[column].clone();
        let (table_name, name) = self.names(table, column);
        let name = format!("{table_name}.{name}");
        if described.data_type != ColumnType::Text {
            let message = format!("`{name}` has paths, but its type {} is not read as text", described.declared);
            self.problem(place, message, Some("documents stand in columns of JSON or text".to_owned()));
        }
        if !matches!(settings.class, Class::Plain | Class::FreeText) {
            let message = format!(
                "`{name}` has paths, but is `{}` as a whole, which says nothing about what stands beside them",
                crate::pipeline::lock::class_name(settings.class)
            );
            let hint = "class it `plain` (the rest of the document stays) or `free_text` (its texts are scrubbed), or take `paths` out";
            self.problem(place, message, Some(hint.to_owned()));
        }
        if settings.forget.is_some() || settings.placeholder.is_some() || settings.length.is_some() {
            let message = format!("`{name}` has paths, and beside them says what happens to the whole document");
            self.problem(place, message, Some("take `paths` out, or say it for each path".to_owned()));
        }
        let catalog = &self.tables[table].catalog;
        let pointed_at = |reference: &Reference| reference.to == table && reference.to_columns.contains(&column);
        let bound = if described.generated {
            Some("computed by the database")
        } else if catalog.primary_key.contains(&column) || self.references.iter().any(pointed_at) {
            Some("a key")
        } else if self.references.iter().any(|reference| reference.from == table && reference.columns.contains(&column)) {
            Some("a reference")
        } else if catalog.unique.iter().any(|key| key.contains(&column)) {
            Some("UNIQUE")
        } else {
            None
        };
        if let Some(bound) = bound {
            self.problem(place, format!("`{name}` is {bound}, so its documents can not be changed by path"), None);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a path's own parts, each once")]
    fn path_treatment(
        &mut self,
        table: TableIndex,
        column: ColumnIndex,
        path: &str,
        settings: &RawPathSettings,
        records: &[Record],
        scrubbing: Scrubbing,
        place: &[&str],
    ) -> PathTreatment {
        let (table_name, name) = self.names(table, column);
        let where_it_is = format!("`{path}` in `{table_name}.{name}`");
        let is_kept = !is_personal(settings.class);
        if is_kept && !matches!(settings.class, Class::Activity | Class::Plain) {
            if settings.forget.is_some_and(|forget| forget != RawForget::Keep) {
                let message = format!("{where_it_is} is `{}`, which is never changed", crate::pipeline::lock::class_name(settings.class));
                self.problem(place, message, Some("take `forget` out, or class the path by what it holds".to_owned()));
            }
            return PathTreatment::Keep;
        }
        let forget = match settings.forget {
            Some(forget) => forget,
            None if is_kept => RawForget::Keep,
            None if settings.placeholder.is_some() => RawForget::Placeholder,
            None if settings.class == Class::FreeText && self.text_stays(table, records) => RawForget::Scrub,
            None => RawForget::Null,
        };
        match forget {
            RawForget::Keep => PathTreatment::Keep,
            RawForget::Null => PathTreatment::Null,
            RawForget::Remove => PathTreatment::Remove,
            RawForget::Scrub => PathTreatment::Scrub(scrubbing),
            RawForget::Year => PathTreatment::Period(PeriodKind::Year),
            RawForget::Quarter => PathTreatment::Period(PeriodKind::Quarter),
            RawForget::Month => PathTreatment::Period(PeriodKind::Month),
            RawForget::Placeholder => PathTreatment::Constant(self.path_placeholder(settings, &where_it_is, place)),
            RawForget::Prefix => {
                if settings.length.is_none() {
                    let hint = "say how many characters stay".to_owned();
                    self.problem(place, format!("{where_it_is} keeps a prefix without `length`"), Some(hint));
                }
                PathTreatment::Prefix(settings.length.unwrap_or_default())
            }
            RawForget::Derived => {
                let message = format!("{where_it_is} can not have a replacement per row: nothing inside a document is UNIQUE");
                self.problem(place, message, Some("use `forget = \"null\"`, `\"remove\"` or `\"placeholder\"`".to_owned()));
                PathTreatment::Null
            }
        }
    }

    fn path_placeholder(&mut self, settings: &RawPathSettings, where_it_is: &str, place: &[&str]) -> Scalar {
        match &settings.placeholder {
            Some(Scalar::Number(number)) if !number.is_finite() => {
                self.problem(place, format!("the placeholder of {where_it_is} is a number that JSON does not have"), None);
                Scalar::Integer(0)
            }
            Some(own) => own.clone(),
            None if settings.class == Class::Email => Scalar::Text(PLACEHOLDER_EMAIL.to_owned()),
            None => Scalar::Text(self.raw.controller.placeholder.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Column, Table};

    const RULES: &str = "[controller]\nname = \"A\"\nsource = \"sqlite:a.db\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n\
                         [category.event]\ntable = \"event\"\n[[category.event.retention]]\nname = \"end\"\nclock = \"at\"\nkeep = \"1 year\"\n\
                         [table.event]\nid = \"key\"\nat = \"activity\"\n";

    /// The treatment of a mandatory column `body` of a type, or the problems.
    fn treatment(declared: &str, line: &str) -> Result<Treatment, String> {
        let column = |name: &str, declared: &str, data_type| Column {
            name: name.to_owned(),
            declared: declared.to_owned(),
            data_type,
            nullable: false,
            max_length: None,
            generated: false,
            fixed: None,
            case_insensitive: false,
        };
        let table = Table {
            name: "event".to_owned(),
            columns: vec![
                column("id", "integer", ColumnType::Integer),
                column("at", "date", ColumnType::Date),
                column("body", declared, ColumnType::Text),
            ],
            primary_key: vec![0],
            unique: Vec::new(),
            partial_unique: Vec::new(),
            equal_nulls: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            has_row_number: false,
            reacts: false,
        };
        let mut problems = Problems::default();
        let (source, raw) = Source::parse(std::path::Path::new("p.toml"), format!("{RULES}body = {line}\n"), &mut problems);
        let catalog = Catalog { tables: vec![table], ..Catalog::default() };
        let resolved = raw.and_then(|raw| resolve(&raw, &source, &catalog, &mut |_, _| Vec::new(), &mut problems));
        let told: Vec<String> = problems.list.iter().map(|problem| problem.message.clone()).collect();
        resolved.map(|pipeline| pipeline.tables[0].columns[2].treatment.clone()).ok_or_else(|| told.join("; "))
    }

    #[test]
    fn what_replaces_a_whole_document_is_one() {
        let constant = |text: &str| Ok(Treatment::Constant(Scalar::Text(text.to_owned())));
        assert_eq!(treatment("jsonb", "\"sensitive\""), constant("{}"));
        assert_eq!(treatment("text", "\"sensitive\""), constant("XXX"));
        assert_eq!(treatment("json", "{ class = \"sensitive\", placeholder = \"[]\" }"), constant("[]"));
        for line in ["{ class = \"sensitive\", placeholder = \"XXX\" }", "{ class = \"sensitive\", forget = \"prefix\", length = 2 }"] {
            assert!(treatment("json", line).is_err(), "{line}");
            assert!(treatment("text", line).is_ok(), "{line}");
        }
        assert!(treatment("json", "{ class = \"name\", forget = \"derived\" }").unwrap_err().contains("its type json can not hold"));
    }

    #[test]
    fn how_a_text_is_scrubbed_is_read_and_checked() {
        let scrubbing = |said: &str| treatment("text", &format!("{{ class = \"free_text\", forget = \"scrub\", {said} }}"));
        let default = Scrubbing::default();
        for (said, expected) in [
            ("scrub = \"kind\"", default),
            ("scrub = \"pseudonym\"", Scrubbing { replacement: Replacement::Pseudonym, ..default }),
            // The column is NOT NULL.
            ("scrub = \"drop\"", Scrubbing { replacement: Replacement::Empty, ..default }),
            ("scrub_kinds = [\"email\"]", Scrubbing { kinds: [crate::detect::Kind::Email].into_iter().collect(), ..default }),
            ("min_confidence = 0.8", Scrubbing { min_confidence: 0.8, ..default }),
            ("min_confidence = 0.0", Scrubbing { min_confidence: 0.0, ..default }),
        ] {
            assert_eq!(scrubbing(said), Ok(Treatment::Scrub(expected)), "{said}");
        }
        for (said, told) in [
            ("scrub_kinds = []", "`scrub_kinds` names no kind, so nothing would be replaced"),
            ("scrub_kinds = [\"fax\"]", "`fax` is not a kind of finding"),
            ("scrub_kinds = [\"health\"]", "`health` is only flagged in reports and never replaced, so `scrub_kinds` can not name it"),
            ("scrub_kinds = [\"name\", \"name\"]", "`scrub_kinds` names `name` twice"),
            ("min_confidence = 50", "`min_confidence` is 50, but a confidence lies between 0 and 1"),
            ("min_confidence = -0.1", "`min_confidence` is -0.1, but a confidence lies between 0 and 1"),
        ] {
            assert_eq!(scrubbing(said), Err(told.to_owned()), "{said}");
        }
    }

    #[test]
    fn settings_of_scrubbing_belong_to_scrubbed_texts() {
        for (said, option) in
            [("scrub = \"drop\"", "scrub"), ("scrub_kinds = [\"name\"]", "scrub_kinds"), ("min_confidence = 0.7", "min_confidence")]
        {
            let line = format!("{{ class = \"name\", {said} }}");
            assert_eq!(treatment("text", &line), Err(format!("`event.body` has `{option}`, but its text is not scrubbed")));
            let line = format!("{{ class = \"plain\", paths = {{ a = {{ class = \"email\", {said} }} }} }}");
            assert_eq!(treatment("jsonb", &line), Err(format!("`a` in `event.body` has `{option}`, but its text is not scrubbed")));
        }
    }

    #[test]
    fn paths_are_scrubbed_as_they_say_or_as_their_column_does() {
        let line = "{ class = \"free_text\", scrub = \"pseudonym\", min_confidence = 0.7, paths = { \
                    a = { class = \"free_text\", forget = \"scrub\" }, b = { class = \"free_text\", forget = \"scrub\", scrub = \"drop\" } } }";
        let Ok(Treatment::Document(document)) = treatment("jsonb", line) else { panic!("a document") };
        let of_column = Scrubbing { replacement: Replacement::Pseudonym, min_confidence: 0.7, ..Scrubbing::default() };
        assert_eq!(document.scrub_rest, Some(of_column));
        let treatments: Vec<&PathTreatment> = document.paths.iter().map(|path| &path.treatment).collect();
        let dropped = Scrubbing { replacement: Replacement::Null, ..of_column };
        assert_eq!(treatments, [&PathTreatment::Scrub(of_column), &PathTreatment::Scrub(dropped)]);
    }

    #[test]
    fn a_scrubbed_document_stays_one() {
        let line = "{ class = \"free_text\", forget = \"scrub\" }";
        assert_eq!(
            treatment("json", line),
            Ok(Treatment::Document(Document { paths: Vec::new(), scrub_rest: Some(Scrubbing::default()) }))
        );
        assert_eq!(treatment("text", line), Ok(Treatment::Scrub(Scrubbing::default())));
        assert_eq!(treatment("jsonb", "\"plain\""), Ok(Treatment::Keep), "a document without paths says nothing of anybody");
    }

    #[test]
    fn a_path_has_the_treatment_of_its_class() {
        let line = "{ class = \"plain\", paths = { a = \"email\", b = { class = \"email\", forget = \"placeholder\" }, c = \"amount\", d = \"free_text\" } }";
        let Ok(Treatment::Document(document)) = treatment("jsonb", line) else { panic!("a document") };
        let treatments: Vec<(Class, PathTreatment)> = document.paths.iter().map(|path| (path.class, path.treatment.clone())).collect();
        let placeholder = PathTreatment::Constant(Scalar::Text(PLACEHOLDER_EMAIL.to_owned()));
        // Text in the subject's own row is cleared, as it is in columns.
        let expected = [
            (Class::Email, PathTreatment::Null),
            (Class::Email, placeholder),
            (Class::Amount, PathTreatment::Keep),
            (Class::FreeText, PathTreatment::Null),
        ];
        assert_eq!(treatments, expected);
        assert_eq!(treatment("jsonb", "{ class = \"plain\", paths = { a = \"amount\" } }"), Ok(Treatment::Keep));
    }
}
