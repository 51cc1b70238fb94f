//! `gallra schema`: the JSON Schema of pipeline files.

use gallra::error::DONE;
use gallra::pipeline::raw::RawPipeline;

use super::Outcome;
use super::printer::Printer;

pub fn run(printer: &mut Printer) -> Outcome {
    printer.raw(&text());
    Ok(DONE)
}

/// The schema as text, as it is shipped beside the pipelines.
pub fn text() -> String {
    let schema = schemars::schema_for!(RawPipeline);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
