//! `gallra grants`: the roles that a pipeline needs, as SQL for the owner of the database.

use clap::Args;
use gallra::error::{DONE, Error};
use gallra::pipeline::usage::usage;
use gallra::session::{Access, LockUse, Session, World};

use super::printer::Printer;
use super::{Outcome, PipelineArgument};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArgument,
    /// The role that checks, plans and verifies: it only reads.
    #[arg(long, value_name = "ROLE", default_value = "gallra_plan")]
    planner: String,
    /// The role that runs.
    #[arg(long, value_name = "ROLE", default_value = "gallra_run")]
    runner: String,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let mut session = Session::open(&arguments.pipeline.pipeline, Access::Read, LockUse::Compare, world)?;
    let uses = usage(&session.pipeline);
    let Some(sql) = session.store.grants(&arguments.planner, &arguments.runner, &uses)? else {
        let hint = "who may write the file may run the pipeline; `chmod` decides".to_owned();
        return Err(Error::Usage { message: "an SQLite database has no roles".into(), hint: Some(hint) });
    };
    printer.line(sql.trim_end());
    printer.value(&serde_json::json!({ "planner": arguments.planner, "runner": arguments.runner, "sql": sql }));
    Ok(DONE)
}
