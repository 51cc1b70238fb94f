//! The brake: an unusually large share to forget stops the run before it writes, and names the number to confirm.

use super::Planned;
use crate::decide::memory::newly_forgotten;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::report::counted;
use crate::session::Session;

/// Lets pass, or stops.
pub fn check(session: &Session, planned: &Planned, ledger: &Ledger, confirm: Option<u64>) -> Result<(), Error> {
    let (reasons, total) = reasons(session, planned, &|tenant, category| ledger.usual_count(tenant, category));
    match confirm {
        Some(given) if given != total => Err(Error::Confirm { given, count: total }),
        Some(_) => Ok(()),
        None if reasons.is_empty() => Ok(()),
        None => {
            Err(Error::Brake { reasons: format!("{}; {} in all", reasons.join("; "), counted(total, "person", "people")), count: total })
        }
    }
}

/// Why the brake would stop, and how many people would be forgotten for the first time in all. `usual` gives what is usual for a tenant and
/// category, where that is known.
pub fn reasons(session: &Session, planned: &Planned, usual: &dyn Fn(&str, &str) -> Option<u64>) -> (Vec<String>, u64) {
    let brake = &session.pipeline.brake;
    let counts = newly_forgotten(&planned.treating(session), &planned.read.state, &planned.plan, &planned.memories);
    let total: u64 = counts.values().map(|(forgotten, _)| forgotten).sum();
    let mut reasons = Vec::new();
    for ((tenant, category), (forgotten, subjects)) in &counts {
        if *forgotten <= brake.at_least {
            continue;
        }
        let category = &session.pipeline.categories[*category].name;
        let tenant = &planned.read.tenants[*tenant].name;
        let whose = if tenant.is_empty() { format!("`{category}`") } else { format!("`{category}` of the tenant `{tenant}`") };
        let percent = *forgotten as f64 * 100.0 / *subjects as f64;
        let usual = usual(tenant, category);
        if percent > brake.percent {
            reasons.push(format!("{forgotten} of {subjects} {whose} would be forgotten ({percent:.1}%, the limit is {}%)", brake.percent));
        } else if let Some(usual) = usual.filter(|usual| *forgotten as f64 > *usual as f64 * brake.times_usual) {
            reasons
                .push(format!("{forgotten} {whose} would be forgotten, {usual} is usual (the limit is {} times that)", brake.times_usual));
        }
    }
    (reasons, total)
}
