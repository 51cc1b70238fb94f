//! Who has to approve a saved plan.

use super::diagnose::Problems;
use super::raw::RawApproval;
use super::source::Source;
use crate::keys::approver::PublicKey;

/// Who has to approve a saved plan before it is executed, and for how long it may be.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Whether a run executes approved plans alone.
    pub required: bool,
    /// How many of the approvers must have signed; 0 where nobody can.
    pub signatures: usize,
    /// For how many hours after it was saved a plan may be executed; `None` for ever.
    pub max_age_hours: Option<u64>,
    /// Who may approve.
    pub approvers: Vec<Approver>,
}

/// Somebody who may approve.
#[derive(Debug, Clone)]
pub struct Approver {
    /// The role.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

impl Approval {
    /// From the file as typed; what is wrong with it goes to `problems`.
    pub fn resolve(raw: Option<&RawApproval>, source: &Source, problems: &mut Problems) -> Self {
        let Some(raw) = raw else { return Self::default() };
        let span = |place: &[&str]| source.span(&[&["approval"], place].concat());
        let mut approvers: Vec<Approver> = Vec::new();
        for (at, approver) in raw.approvers.iter().enumerate() {
            let at = at.to_string();
            let name = approver.name.trim();
            if name.is_empty() || approvers.iter().any(|known| known.name == name) {
                let message = if name.is_empty() { "an approver has no name" } else { "two approvers have one name" };
                let hint = "say which role approves: `name = \"data protection officer\"`".to_owned();
                problems.add(span(&["approvers", &at, "name"]), message, Some(hint));
            }
            match approver.key.parse::<PublicKey>() {
                Ok(key) if approvers.iter().any(|known| known.key == key) => {
                    let hint = "each approver has a key that nobody else has".to_owned();
                    problems.add(span(&["approvers", &at, "key"]), "two approvers have one key", Some(hint));
                }
                Ok(key) => approvers.push(Approver { name: name.to_owned(), key }),
                Err(error) => problems.add(span(&["approvers", &at, "key"]), error.to_string(), error.hint()),
            }
        }
        if raw.required && raw.approvers.is_empty() {
            let hint = "`gallra keys approver --output FILE` makes a key and prints the line for `approvers`".to_owned();
            problems.add(span(&["required"]), "approval is required and nobody can give it: `approvers` is empty", Some(hint));
        }
        let enough = raw.approvers.is_empty() || raw.signatures <= raw.approvers.len();
        if raw.signatures == 0 || !enough {
            let message = format!("{} signatures are asked for and there are {} approvers", raw.signatures, raw.approvers.len());
            problems.add(span(&["signatures"]), message, Some("a number from 1 to that of the approvers".to_owned()));
        }
        if raw.max_age_hours == 0 {
            problems.add(span(&["max_age_hours"]), "a plan of 0 hours could never be executed", Some("72 hours, for example".to_owned()));
        }
        Self { required: raw.required, signatures: raw.signatures, max_age_hours: Some(raw.max_age_hours), approvers }
    }

    /// The approver with this key.
    pub fn approver(&self, key: &PublicKey) -> Option<&Approver> {
        self.approvers.iter().find(|approver| approver.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::approver::ApproverKey;

    fn problems(text: &str) -> Vec<String> {
        let mut problems = Problems::default();
        let controller = "[controller]\nname = \"A\"\nsource = \"sqlite:a.db\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n";
        let (source, raw) = Source::parse(std::path::Path::new("p.toml"), format!("{controller}{text}"), &mut problems);
        Approval::resolve(raw.unwrap().approval.as_ref(), &source, &mut problems);
        assert!(problems.list.iter().all(|problem| problem.span.is_some() && problem.hint.is_some()), "{problems:?}");
        problems.list.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn what_can_not_be_meant_is_a_problem_at_its_place() {
        let key = |number: u8| ApproverKey::generate([number; 40]).public().to_string();
        let approver = |name: &str, key: &str| format!("{{ name = \"{name}\", key = \"{key}\" }}");
        let two = format!("approvers = [{}, {}]\n", approver("officer", &key(1)), approver("counsel", &key(2)));
        assert_eq!(problems(""), [""; 0]);
        assert_eq!(problems("[approval]\n"), [""; 0]);
        assert_eq!(problems(&format!("[approval]\nrequired = true\nsignatures = 2\n{two}")), [""; 0]);
        let told = problems("[approval]\nrequired = true\n");
        assert_eq!(told, ["approval is required and nobody can give it: `approvers` is empty"]);
        let told = problems(&format!("[approval]\nsignatures = 3\nmax_age_hours = 0\n{two}"));
        assert_eq!(told, ["3 signatures are asked for and there are 2 approvers", "a plan of 0 hours could never be executed"]);
        assert_eq!(problems(&format!("[approval]\nsignatures = 0\n{two}")).len(), 1);
        let same = format!("[approval]\napprovers = [{}, {}]\n", approver("officer", &key(1)), approver(" officer ", &key(1)));
        assert_eq!(problems(&same), ["two approvers have one name", "two approvers have one key"]);
        let wrong = format!("[approval]\napprovers = [{}]\n", approver("", "ed25519:AAAA"));
        assert_eq!(problems(&wrong).len(), 2);
    }
}
