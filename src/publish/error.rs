//! What can stop a set from being published, one sentence each.

use std::path::{Path, PathBuf};

use super::bucket::BucketError;
use crate::interop::InteropError;
use crate::pipeline::Class;
use crate::report::counted;

/// A failure to compute, check, write, switch or find a published set.
///
/// A failure concerns one set of one tenant; the others go on. No variant carries a cell's value: messages of arrow and polars
/// may quote the cell that they failed on, so they are left out.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The snapshot did not read a column that the set needs.
    #[error("set `{set}` needs column `{column}` of table `{table}`, which was not read")]
    ColumnNotRead {
        /// The set.
        set: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column of this class can not be published this way.
    #[error(
        "column `{column}` of set `{set}` is of class `{}` and can not be published as `{treatment}`",
        class_name(*class)
    )]
    ClassRefused {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
        /// The class of the store's column.
        class: Class,
        /// How it was to be published.
        treatment: String,
    },
    /// A pseudonym in a set that says that it is anonymous.
    #[error("set `{set}` is labelled `anonymous` and has the pseudonym column `{column}`")]
    AnonymousPseudonym {
        /// The set.
        set: String,
        /// The column.
        column: String,
    },
    /// Single rows in a set that says that it is anonymous.
    #[error("set `{set}` is labelled `anonymous` and does not aggregate")]
    AnonymousRows {
        /// The set.
        set: String,
    },
    /// Groups can not be measured in subjects without a path to them.
    #[error("set `{set}` needs a `subject` for its groups to be counted in")]
    NoSubject {
        /// The set.
        set: String,
    },
    /// Only a calendar period can be closed.
    #[error("set `{set}` publishes closed periods of column `{column}`, which is not a period")]
    NotAPeriod {
        /// The set.
        set: String,
        /// The column.
        column: String,
    },
    /// A condition compares a column with a value of another type.
    #[error("set `{set}` compares column `{column}` of type `{data_type}` with a value of another type")]
    FilterType {
        /// The set.
        set: String,
        /// The column.
        column: String,
        /// The column's type.
        data_type: String,
    },
    /// A column's type has no such treatment or sum.
    #[error("column `{column}` of set `{set}` is of type `{data_type}`, which has no `{treatment}`")]
    Unsupported {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
        /// The column's type.
        data_type: String,
        /// What was asked for.
        treatment: String,
    },
    /// A cell that can not be made coarser as declared.
    #[error("a cell of column `{column}` of set `{set}` {reason}")]
    Cell {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
        /// What is wrong with it: a verb phrase.
        reason: &'static str,
    },
    /// Cells that can not be cast to the declared type.
    #[error("{cells} cells of column `{column}` of set `{set}` can not be cast to `{to}`")]
    NotCast {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
        /// How many.
        cells: u64,
        /// The type.
        to: String,
    },
    /// An amount of more than 38 digits.
    #[error("an amount in column `{column}` of set `{set}` has more than 38 digits")]
    AmountOverflow {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
    },
    /// A sum or mean does not fit its type: 64 bits for sums of whole numbers, 38 digits for decimals, a finite number for floats.
    #[error("a sum in column `{column}` of set `{set}` does not fit its type")]
    Overflow {
        /// The set.
        set: String,
        /// The column.
        column: String,
    },
    /// An aggregate that is one person's value, in a set that says that it is anonymous.
    #[error("set `{set}` is labelled `anonymous` and column `{column}` is a `{measure}`, the value of one person")]
    AnonymousExtreme {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
        /// Which aggregate.
        measure: String,
    },
    /// Aggregates that rest on too few people, as their set refuses.
    #[error(
        "column `{column}` of set `{set}` rests on fewer than {k} subjects, or a side of it does, in {cells} cells, and the set refuses small groups"
    )]
    FewBehind {
        /// The set.
        set: String,
        /// The column in the set.
        column: String,
        /// Cells with such an aggregate.
        cells: u64,
        /// The fewest allowed.
        k: u32,
    },
    /// The set refuses small groups, and sums of it show too much of one person.
    #[error("a sum or mean of set `{set}` shows too much of one person in {cells} cells, and the set refuses small groups")]
    Dominated {
        /// The set.
        set: String,
        /// Such cells.
        cells: u64,
    },
    /// More rows than row numbers.
    #[error("set `{set}` has more than 4,294,967,295 rows")]
    TooManyRows {
        /// The set.
        set: String,
    },
    /// A step of the computation failed that only does so for damaged columns or a lack of memory.
    #[error("set `{set}` could not be computed: `{step}` failed")]
    Compute {
        /// The set.
        set: String,
        /// What was being done.
        step: &'static str,
    },
    /// A column could not go to polars or come back.
    #[error("set `{set}` could not be grouped")]
    Interop {
        /// The set.
        set: String,
        /// What stood in the way.
        source: InteropError,
    },
    /// The gate refused the set, as its pipeline asks.
    #[error("set `{set}` has {groups} groups of fewer than {k} subjects, with {rows} rows, and refuses small groups")]
    SmallGroups {
        /// The set.
        set: String,
        /// Groups (or cells) below `k`.
        groups: u64,
        /// Rows in them.
        rows: u64,
        /// Smallest group allowed.
        k: u32,
    },
    /// The set's conditions ask for what identifies in combination, and leave few.
    #[error("the conditions of set `{set}` leave the rows of {}, fewer than its `k` of {k}", counted(*people, "person", "people"))]
    FewChosen {
        /// The set.
        set: String,
        /// Distinct subjects whose rows are left.
        people: u64,
        /// Smallest group allowed.
        k: u32,
    },
    /// Nobody knows who contributed to the releases that readers have.
    #[error("set `{set}` has been published, and the memory of who contributed to it is not in `{}`", path.display())]
    MemoryMissing {
        /// The set.
        set: String,
        /// The file.
        path: PathBuf,
    },
    /// The memory is of another version than the one that readers are led to, or were.
    #[error(
        "the memory of who contributed to set `{set}`, `{}`, is of `{version}`, and its latest version is `{latest}`",
        path.display()
    )]
    MemoryOfAnother {
        /// The set.
        set: String,
        /// The file.
        path: PathBuf,
        /// The version that it is of.
        version: String,
        /// The latest version.
        latest: String,
    },
    /// The memory of earlier releases is not as this program wrote it under this keyring for this set.
    #[error("the memory of who contributed to set `{set}`, `{}`, is damaged or belongs to another keyring", path.display())]
    MemoryDamaged {
        /// The set.
        set: String,
        /// The file.
        path: PathBuf,
    },
    /// Cells of other columns can not be compared with those published before.
    #[error("set `{set}` is anonymous and has other columns than its earlier releases, or coarser ones")]
    MemoryShape {
        /// The set.
        set: String,
    },
    /// The memory was begun with a smaller `k` and holds too little.
    #[error("set `{set}` is anonymous, and its earlier releases can not be compared under a `k` of {k}")]
    MemoryTooShort {
        /// The set.
        set: String,
        /// The `k` of today.
        k: u32,
    },
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was attempted: a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A Parquet file could not be written or read.
    #[error("cannot {action} the Parquet file `{}`", path.display())]
    Parquet {
        /// What was attempted: a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the Parquet library says of the file's structure.
        source: parquet::errors::ParquetError,
    },
    /// What was written is not what was to be written.
    #[error("`{}` does not hold what was staged: {fault}", path.display())]
    Verification {
        /// The file.
        path: PathBuf,
        /// What differs.
        fault: String,
    },
    /// A version of that name is published already, with other content.
    #[error("version `{}` exists already with other content", path.display())]
    VersionExists {
        /// The version's folder.
        path: PathBuf,
    },
    /// Nothing of that name was ever published.
    #[error("set `{set}` has no published version in `{}`", output.display())]
    NotPublished {
        /// The set.
        set: String,
        /// The output folder.
        output: PathBuf,
    },
    /// What leads to the latest version is not what the ledger vouches for.
    #[error("set `{set}` can not be read as it was published: {reason}")]
    NotVouchedFor {
        /// The set.
        set: String,
        /// What was found.
        reason: String,
    },
    /// `latest.json` or a manifest is not what this program writes.
    #[error("`{}` is corrupt", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// A set's folder, or its tenant's, leads out of the output.
    #[error("`{}` is a link or no folder, and sets are written in folders below their output alone", path.display())]
    Link {
        /// The set's folder.
        path: PathBuf,
    },
    /// `latest.json` names a version that is gone.
    #[error("version `{}` is named by `latest.json` and does not exist", path.display())]
    VersionMissing {
        /// The version's folder.
        path: PathBuf,
    },
    /// The bucket of the published sets.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The bucket holds no version of the set.
    #[error("set `{set}` has no published version in `{bucket}`")]
    NotInBucket {
        /// The set.
        set: String,
        /// The bucket.
        bucket: String,
    },
    /// What is in the bucket was published by another installation.
    #[error("the set in `{url}` was published under another keyring")]
    ForeignKeyring {
        /// The set's folder in the bucket.
        url: String,
    },
    /// A run id that is no plain folder name.
    #[error("run id `{run_id}` is not a plain name")]
    RunId {
        /// The run id.
        run_id: String,
    },
}

impl PublishError {
    /// What the reader may do about it, if there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Bucket(error) => return error.hint(),
            Self::ClassRefused { class, .. } => match class {
                Class::Key | Class::Reference => "publish keys and references `as = \"pseudonym\"`",
                Class::QuasiIdentifier => "publish quasi-identifiers generalised: a period, a prefix or a band",
                _ => "leave the column out; direct identifiers, free text and sensitive columns are never published",
            },
            Self::AnonymousPseudonym { .. } => "leave the pseudonym out, or label the set `pseudonymised`",
            Self::AnonymousRows { .. } => "add a `sum`, `count` or `count_subjects` column, or label the set `pseudonymised`",
            Self::NoSubject { .. } => "name the path from the base to the data subject as the set's `subject`",
            Self::NotAPeriod { .. } => "publish the column `as = \"month\"`, `\"quarter\"` or `\"year\"`",
            Self::Dominated { .. } => "publish coarser columns, or choose `small_groups = \"suppress\"`",
            Self::SmallGroups { .. } => {
                "publish coarser columns, or choose `small_groups = \"generalise\"`, `\"suppress\"` or `\"suppress_rows\"`"
            }
            Self::Cell { .. } => "mend the value in the store; bands with `bounds` are open at both ends",
            Self::FewChosen { .. } => "let `where` ask for less that tells people apart: a wider range, or no quasi-identifier",
            Self::NotCast { .. } => "look at the column in the store, leave such rows out with `where`, or publish it without `cast`",
            Self::AnonymousExtreme { .. } => "publish a `quantile` or a `mean`, or label the set `pseudonymised`",
            Self::FewBehind { .. } => "publish coarser columns or a quantile nearer the middle, or choose `small_groups = \"suppress\"`",
            Self::AmountOverflow { .. } => "look for an absurd number in the store, or leave such rows out with `where`",
            Self::Link { .. } => "put a folder in its place; to publish elsewhere, change `output`",
            // A version's name begins with its time.
            Self::MemoryOfAnother { version, latest, .. } if version < latest => {
                "an older copy was put back: bring the newest one back from its backup; or publish the set under another name, or take its whole \
                 folder and this file away, knowing that whoever kept a version may compare it"
            }
            Self::MemoryOfAnother { .. } => {
                "it is newer than what lies in the output: if an older copy of that was put back, bring the newest one back; else take this file's \
                 own older copy"
            }
            Self::NotVouchedFor { .. } => {
                "let nobody read it until `gallra verify` finds nothing, which says what a run does about it; look who else may write there"
            }
            Self::MemoryMissing { .. } | Self::MemoryDamaged { .. } => {
                "bring the file back from its backup; or publish the set under another name, or take its whole folder and this file away, knowing that \
                 whoever kept a version may compare it"
            }
            Self::MemoryShape { .. } | Self::MemoryTooShort { .. } => {
                "publish it under another name, or change the set back: the difference of two releases must show nobody"
            }
            Self::Overflow { .. } => "group by more columns, or look for an absurd amount in the store",
            Self::Io { action: "read" | "list", source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                "let whoever runs this read there; nothing was changed"
            }
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "free some space; nothing half-made was published",
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    "let the run's user write there; nothing half-made was published"
                }
                _ => return None,
            },
            Self::Parquet { action: "write", .. } | Self::Verification { .. } => "check the disk; nothing half-made was published",
            Self::VersionExists { .. } => "start the run again under a new run id",
            Self::ForeignKeyring { .. } => "give each installation a prefix of its own; or remove what is there, if this one replaces it",
            Self::NotPublished { .. } | Self::NotInBucket { .. } => {
                "check the names of set and tenant; the first run that passes its gate publishes it"
            }
            Self::Corrupt { .. } | Self::VersionMissing { .. } => {
                "run the pipeline again: it publishes a new version and replaces `latest.json`"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Wraps the operating system's answer, for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Names the set in an error of the interop layer, for `map_err`.
    pub(super) fn interop(set: &str) -> impl Fn(InteropError) -> Self {
        move |source| Self::Interop { set: set.to_owned(), source }
    }

    /// A step failed for which the computing library's own message is dropped, for `map_err`.
    pub(super) fn step<E>(set: &str, step: &'static str) -> impl Fn(E) -> Self {
        move |_| Self::Compute { set: set.to_owned(), step }
    }
}

/// A class as the pipeline file spells it.
pub(super) fn class_name(class: Class) -> &'static str {
    match class {
        Class::Key => "key",
        Class::Reference => "reference",
        Class::Name => "name",
        Class::Email => "email",
        Class::Phone => "phone",
        Class::Address => "address",
        Class::NationalId => "national_id",
        Class::BankAccount => "bank_account",
        Class::Identifier => "identifier",
        Class::QuasiIdentifier => "quasi_identifier",
        Class::FreeText => "free_text",
        Class::Sensitive => "sensitive",
        Class::Amount => "amount",
        Class::Activity => "activity",
        Class::Plain => "plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_is_spelt_as_in_the_file() {
        for class in [
            Class::Key,
            Class::Reference,
            Class::Name,
            Class::Email,
            Class::Phone,
            Class::Address,
            Class::NationalId,
            Class::BankAccount,
            Class::Identifier,
            Class::QuasiIdentifier,
            Class::FreeText,
            Class::Sensitive,
            Class::Amount,
            Class::Activity,
            Class::Plain,
        ] {
            assert_eq!(serde_json::to_value(class).unwrap(), class_name(class));
        }
    }

    #[test]
    fn a_full_disk_names_the_path_and_says_what_to_do() {
        let error = PublishError::io("write", Path::new("/out/x"))(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert_eq!(error.to_string(), "cannot write `/out/x`");
        assert_eq!(error.hint().unwrap(), "free some space; nothing half-made was published");
        let other = PublishError::io("write", Path::new("/out/x"))(std::io::Error::from(std::io::ErrorKind::Interrupted));
        assert_eq!(other.hint(), None);
    }
}
