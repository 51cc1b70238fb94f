//! Where published sets go: a folder, or a prefix of a bucket; and the locations that a pipeline allows.
//!
//! Personal data stays where its controller says. A pipeline may list the folders and buckets that a run may write to, and what lies outside is
//! refused before anything is read. What is compared is where a path really leads: `..` and symbolic links are followed first, and only whole
//! components count, so that `/data/sweden2` is not below `/data/sweden`. What can not be told apart with certainty is refused.

mod allowed;

use std::fmt;
use std::path::{Path, PathBuf};

pub use allowed::{Allowed, AllowedBucket, AllowedEntry};

use super::folder::sha256;

/// The output of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A prefix of a bucket.
    Bucket(BucketUrl),
}

/// Whose buckets they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3, or a server that speaks as it does.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage, whose buckets are called containers.
    Azure,
}

impl Service {
    /// The scheme of its URLs.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }

    fn of_scheme(scheme: &str) -> Option<Self> {
        [Self::S3, Self::Google, Self::Azure].into_iter().find(|service| service.scheme() == scheme)
    }
}

/// A bucket and the prefix below which everything stands. It has no credentials: a URL with any is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketUrl {
    service: Service,
    bucket: String,
    prefix: Vec<String>,
}

/// Why a text is no location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// Nothing at all, where the folder of the pipeline file would be meant.
    #[error("the location is empty")]
    Empty,
    /// A user, password or query in the URL. The text is not quoted, because it may hold a secret.
    #[error("the URL of a bucket holds {part}, which may be a secret")]
    Secret {
        /// Which part.
        part: &'static str,
    },
    /// A URL of something else.
    #[error("`{scheme}:` is no store of published sets")]
    Scheme {
        /// The scheme as written.
        scheme: String,
    },
    /// A bucket's name that no service would give.
    #[error("`{name}` is not the name of a bucket")]
    Bucket {
        /// The name as written.
        name: String,
    },
    /// A piece of the prefix that services, or readers, would take for something else.
    #[error("the prefix of a bucket can not have the part `{part}`")]
    Part {
        /// The part as written.
        part: String,
    },
}

impl LocationError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "name a folder, or a bucket such as `s3://bucket/prefix`",
            Self::Secret { .. } => {
                "write `s3://bucket/prefix` alone; credentials come from the provider's environment variables, such as AWS_ACCESS_KEY_ID"
            }
            Self::Scheme { .. } => "write a folder, or `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`",
            Self::Bucket { .. } => "lower-case letters of ASCII, digits and `-`, `.` or `_` between them",
            Self::Part { .. } => {
                "letters of ASCII, digits and `-`, `_`, `.`, `=` or `+`, with one `/` between the parts; nothing is percent-encoded"
            }
        }
    }

    /// Whether the text that was refused may hold a secret, and must not be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret { .. })
    }
}

/// Where a folder really is, links and `..` followed; `None` where it can not be followed.
#[must_use]
pub fn real_folder(folder: &Path) -> Option<PathBuf> {
    allowed::real_path(folder).ok()
}

/// SHA-256 of where sets lie: the output as it is named and the folder in which versions are made, links followed. Equal hashes are one place; of
/// the hash nobody learns it. `None` where the folder can not be followed.
#[must_use]
pub fn place_sha256(published: &Location, output: &Path) -> Option<String> {
    let folder = allowed::real_path(output).ok()?;
    let named = match published {
        Location::Folder(_) => String::new(),
        bucket @ Location::Bucket(_) => bucket.to_string(),
    };
    Some(sha256(&[named.as_bytes(), b"\n", folder.as_os_str().as_encoded_bytes()].concat()))
}

/// SHA-256 of the way from the ledger's folder to where sets lie, as [`place_sha256`] names it: a copy of both has the same. `None` where one of
/// them can not be followed.
#[must_use]
pub fn way_sha256(published: &Location, output: &Path, ledger: &Path) -> Option<String> {
    let (output, ledger) = (allowed::real_path(output).ok()?, allowed::real_path(ledger).ok()?);
    let common = output.components().zip(ledger.components()).take_while(|(one, other)| one == other).count();
    let up = ledger.components().skip(common).map(|_| Path::new(".."));
    let way: PathBuf = up.chain(output.components().skip(common).map(|component| Path::new(component.as_os_str()))).collect();
    let named = match published {
        Location::Folder(_) => String::new(),
        bucket @ Location::Bucket(_) => bucket.to_string(),
    };
    Some(sha256(&[b"way\n", named.as_bytes(), b"\n", way.as_os_str().as_encoded_bytes()].concat()))
}

impl Location {
    /// Reads what a pipeline file says. A relative folder is one of `folder`.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use gallra::publish::Location;
    ///
    /// let of = |text| Location::parse(text, Path::new("/etc/gallra")).unwrap().to_string();
    /// assert_eq!(of("published"), "/etc/gallra/published");
    /// assert_eq!(of("s3://company-se/history/"), "s3://company-se/history");
    /// ```
    ///
    /// # Errors
    /// Where it is a URL, but of no bucket, or with anything that may be a secret.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, LocationError> {
        if text.trim().is_empty() {
            return Err(LocationError::Empty);
        }
        let Some((scheme, rest)) = scheme_of(text) else { return Ok(Self::Folder(folder.join(text))) };
        if rest.contains('@') {
            return Err(LocationError::Secret { part: "a user" });
        }
        if rest.contains('?') {
            return Err(LocationError::Secret { part: "a query" });
        }
        if rest.contains('#') {
            return Err(LocationError::Secret { part: "a fragment" });
        }
        let service = Service::of_scheme(&scheme.to_ascii_lowercase()).filter(|_| rest.starts_with("//"));
        let service = service.ok_or_else(|| LocationError::Scheme { scheme: scheme.to_owned() })?;
        let rest = &rest[2..];
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_bucket(bucket) {
            return Err(LocationError::Bucket { name: bucket.to_owned() });
        }
        // One `/` at the end is none; what is left of two is an empty part.
        let parts: Vec<String> = match prefix {
            "" => Vec::new(),
            prefix => prefix.strip_suffix('/').unwrap_or(prefix).split('/').map(str::to_owned).collect(),
        };
        if let Some(part) = parts.iter().find(|part| !is_part(part)) {
            return Err(LocationError::Part { part: part.clone() });
        }
        Ok(Self::Bucket(BucketUrl { service, bucket: bucket.to_owned(), prefix: parts }))
    }
}

/// The scheme of a URL and what follows its colon. A folder of one letter and a colon is none of ours, but neither is it taken for a URL.
fn scheme_of(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    // `s3:/bucket` is a slip of the pen, and no folder of that name.
    let is_meant = rest.starts_with("//") || Service::of_scheme(&scheme.to_ascii_lowercase()).is_some();
    (is_scheme && is_meant).then_some((scheme, rest))
}

/// Narrower than some services are: nothing that two of them, or a URL and its server, would read differently.
fn is_bucket(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| plain(byte) || matches!(byte, b'-' | b'.' | b'_');
    let bytes = name.as_bytes();
    (3..=222).contains(&bytes.len())
        && bytes.first().copied().is_some_and(plain)
        && bytes.last().copied().is_some_and(plain)
        && bytes.iter().copied().all(inner)
        && !name.contains("..")
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= 255
        && part != "."
        && part != ".."
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b'+'))
}

impl BucketUrl {
    /// Whose bucket it is.
    pub fn service(&self) -> Service {
        self.service
    }

    /// The bucket's or container's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The prefix, its parts joined by `/`; empty for the whole bucket.
    pub fn prefix(&self) -> String {
        self.prefix.join("/")
    }

    /// Whether `other` is this bucket's prefix or stands below it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.service == other.service && self.bucket == other.bucket && other.prefix.starts_with(&self.prefix)
    }
}

impl fmt::Display for BucketUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.service.scheme(), self.bucket)?;
        self.prefix.iter().try_for_each(|part| write!(formatter, "/{part}"))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(formatter),
            Self::Bucket(url) => url.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Location, LocationError> {
        Location::parse(text, Path::new("/etc/gallra"))
    }

    #[test]
    fn a_copy_of_ledger_and_sets_has_the_same_way_and_another_place() {
        let folder = tempfile::tempdir().unwrap();
        let of = |output: &str, ledger: &str| {
            let (output, ledger) = (folder.path().join(output), folder.path().join(ledger));
            let published = Location::Folder(output.clone());
            (place_sha256(&published, &output).unwrap(), way_sha256(&published, &output, &ledger).unwrap())
        };
        let (place, way) = of("a/sets", "a/ledger/x");
        for (output, ledger, same_place, same_way) in [
            ("a/sets", "a/ledger/x", true, true),
            ("b/c/sets", "b/c/ledger/x", false, true),
            ("b/sets", "b/proof/x", false, true),
            ("a/sets", "ledger/x", true, false),
            ("a/other", "a/ledger/x", false, false),
            ("b/../a/sets", "./a/ledger/x", true, true),
        ] {
            let found = of(output, ledger);
            assert_eq!((found.0 == place, found.1 == way), (same_place, same_way), "{output}, {ledger}");
        }
        let output = folder.path().join("a/sets");
        let bucket = |url: &str| way_sha256(&Location::parse(url, folder.path()).unwrap(), &output, &folder.path().join("a/ledger/x"));
        assert!(bucket("s3://one").is_some() && bucket("s3://one") != bucket("s3://other") && bucket("s3://one") != Some(way));
    }

    #[test]
    fn folders_stay_what_they_were_and_urls_are_buckets() {
        for (text, shown) in [
            ("published", "/etc/gallra/published"),
            ("/data/sweden", "/data/sweden"),
            ("../out", "/etc/gallra/../out"),
            ("odd:name", "/etc/gallra/odd:name"),
            ("C:/x", "/etc/gallra/C:/x"),
        ] {
            let found = parse(text).unwrap();
            assert!(matches!(found, Location::Folder(_)), "{text}");
            assert_eq!(found.to_string(), shown);
        }
        for (text, shown) in [
            ("s3://company-se", "s3://company-se"),
            ("s3://company-se/", "s3://company-se"),
            ("S3://company-se/a/b/", "s3://company-se/a/b"),
            ("gs://company_se/year=2024", "gs://company_se/year=2024"),
            ("az://history/a.b", "az://history/a.b"),
        ] {
            let found = parse(text).unwrap();
            assert!(matches!(found, Location::Bucket(_)), "{text}");
            assert_eq!(found.to_string(), shown);
        }
    }

    #[test]
    fn a_secret_in_a_url_is_refused_and_not_repeated() {
        for text in [
            "s3://AKIAKEY:hunter2@bucket/x",
            "s3://bucket/x?X-Amz-Signature=hunter2",
            "https://user:hunter2@host/x",
            "az://container@hunter2/x",
            "s3://bucket/x#hunter2",
            "s3:hunter2@bucket",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.is_secret(), "{text}");
            let told = format!("{error} {error:?} {}", error.hint());
            assert!(!told.contains("hunter2") && !told.contains("AKIAKEY"), "{told}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "",
            " ",
            "s3:bucket",
            "s3:/bucket",
            "s3a://bucket/x",
            "http://bucket/x",
            "file:///data",
            "s3://",
            "s3:///x",
            "s3://Bucket/x",
            "s3://bücket/x",
            "s3://bucket%2Devil",
            "s3://bucket.",
            "s3://a..b",
            "s3://bucket:9000/x",
            "s3://bucket/a//b",
            "s3://bucket//",
            "s3://bucket/../other",
            "s3://bucket/./x",
            "s3://bucket/a%2F..%2Fb",
            "s3://bucket/a\\b",
            "s3://bucket/a b",
            "s3://bucket/a\nb",
            "s3://bucket/å",
            "s3://bucket/*",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!error.to_string().ends_with('.') && !error.hint().is_empty(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_as_itself(text in "(s3|gs|az)://[a-z0-9._-]{1,9}(/[a-zA-Z0-9._=+-]{0,4}){0,3}") {
            if let Ok(found) = parse(&text) {
                prop_assert_eq!(parse(&found.to_string()), Ok(found));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
