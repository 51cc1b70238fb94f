//! `gallra approve`: a second person's signature under a saved plan.

use std::path::PathBuf;

use clap::Args;
use gallra::error::{DONE, Error};
use gallra::keys::approver::ApproverKey;
use gallra::saved_plan::{SavedPlan, SavedPlanError};
use gallra::session::{World, read_approval};

use super::printer::Printer;
use super::{Outcome, tables};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The plan that `gallra plan --save` wrote.
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Your private key (PKCS#8 PEM, mode 600), which signs the plan. Without it the plan is shown and nothing is written.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Check beforehand that the plan is of this pipeline file as it is now, and that your approval counts there.
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let path = &arguments.plan;
    let now = (world.now)();
    // Two who approve at once: the second reads what the first has written.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let held = std::fs::File::open(folder);
    if let (Some(_), Ok(held)) = (&arguments.key, &held) {
        held.lock().map_err(|error| Error::file("lock", folder, &error))?;
    }
    let mut plan = SavedPlan::open(path)?;
    let key = arguments.key.as_ref().map(|key| ApproverKey::open(key)).transpose()?;
    let approval = arguments.pipeline.as_ref().map(|pipeline| read_approval(pipeline, world)).transpose()?;
    if let Some((approval, pipeline_sha256)) = &approval {
        plan.is_of(path, pipeline_sha256, approval, now)?;
        let public = key.as_ref().map(ApproverKey::public);
        if let Some(public) = public.filter(|public| approval.approver(public).is_none()) {
            return Err(SavedPlanError::NotAnApprover { key: public.to_string() }.into());
        }
    }
    tables::saved_plan(printer, &plan, now);
    if let Some(key) = &key {
        plan.approve(path, key, now)?;
        // Through a link the plan itself is signed, not the link replaced.
        plan.replace(&std::fs::canonicalize(path).unwrap_or_else(|_| path.clone()))?;
        printer.line(format!("approved with the key {}", key.public()));
    }
    let approvals = &plan.approvals;
    if key.is_none() {
        approvals.iter().for_each(|signed| printer.line(format!("approved at {} with the key {}", signed.approved, signed.key)));
        printer.line("nothing was signed; to approve it, repeat this with `--key FILE`");
    }
    let counting = approval.as_ref().map(|(approval, _)| (plan.approved_by(approval).len(), approval.signatures));
    match counting {
        Some((valid, wanted)) if valid < wanted => printer.line(format!("{valid} of {wanted} approvals; another approver has to follow")),
        Some(_) if key.is_some() => printer.line(format!("next: `gallra run --plan {}`", path.display())),
        None if key.is_some() => {
            let next = format!("next: `gallra run --plan {}`", path.display());
            printer.line(format!("{next}; whether the pipeline asks for more approvals tells `--pipeline FILE`"));
        }
        _ => {}
    }
    printer.value(&serde_json::json!({
        "header": plan.header, "header_sha256": plan.header_sha256(), "approvals": approvals,
        "signed": key.as_ref().map(|key| key.public()), "valid": counting.map(|(valid, _)| valid), "wanted": counting.map(|(_, wanted)| wanted),
    }));
    Ok(DONE)
}
