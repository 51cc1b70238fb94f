//! The locations that a pipeline allows a run to write to.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::{BucketUrl, Location, LocationError, Service};

/// The environment variables with the endpoint of S3, in the order in which they count.
const ENDPOINTS: [&str; 3] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
/// Those with its region.
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// All that a pipeline allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    entries: Vec<AllowedEntry>,
}

/// One location with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedEntry {
    /// A folder.
    Folder(PathBuf),
    /// A prefix of a bucket.
    Bucket(AllowedBucket),
}

/// A prefix of a bucket, and where that bucket has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedBucket {
    /// The prefix.
    pub url: BucketUrl,
    /// The region that it has to be in; S3 alone.
    pub region: Option<String>,
    /// The server that it has to be on, as the URL that the environment names; S3 alone. Without it any server is allowed, but where a region is
    /// asked for it has to be Amazon's own: another server may call its region as it likes.
    pub endpoint: Option<String>,
    /// The storage account that it has to be of; Azure alone, where containers of two accounts may have one name.
    pub account: Option<String>,
}

impl AllowedEntry {
    /// Reads what a pipeline file lists. A `/*` at the end changes nothing: an entry always covers all below it.
    ///
    /// # Errors
    /// As for an output.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, LocationError> {
        let text = text.strip_suffix("/*").map_or(text, |above| if above.is_empty() { "/" } else { above });
        Ok(match Location::parse(text, folder)? {
            Location::Folder(folder) => Self::Folder(folder),
            Location::Bucket(url) => Self::Bucket(AllowedBucket { url, region: None, endpoint: None, account: None }),
        })
    }
}

impl Allowed {
    /// Allows these, and nothing else. An empty list allows nothing.
    pub fn new(entries: Vec<AllowedEntry>) -> Self {
        Self { entries }
    }

    /// Whether a run may write there; otherwise why not, as the end of a sentence. `environment` says which server and region S3 is.
    ///
    /// # Errors
    /// The reason, and what to do about it.
    pub fn check(&self, location: &Location, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), (String, Option<String>)> {
        match location {
            Location::Folder(folder) => self.check_folder(folder),
            Location::Bucket(url) => self.check_bucket(url, environment),
        }
    }

    fn check_folder(&self, folder: &Path) -> Result<(), (String, Option<String>)> {
        let real = real_path(folder).map_err(|reason| (format!("can not be followed to where it leads: {reason}"), None))?;
        let covers = |entry: &AllowedEntry| match entry {
            // Who lists a link allows what it points at.
            AllowedEntry::Folder(allowed) => real_path(allowed).is_ok_and(|allowed| real.starts_with(allowed)),
            AllowedEntry::Bucket(_) => false,
        };
        if self.entries.iter().any(covers) {
            return Ok(());
        }
        let leads = if real == folder { String::new() } else { format!(" (it leads to `{}`)", real.display()) };
        Err((format!("is outside the allowed locations{leads}"), None))
    }

    fn check_bucket(&self, url: &BucketUrl, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), (String, Option<String>)> {
        let mut nearest = ("is outside the allowed locations".to_owned(), None);
        for entry in &self.entries {
            let AllowedEntry::Bucket(allowed) = entry else { continue };
            if !allowed.url.covers(url) {
                continue;
            }
            match allowed.check_place(environment) {
                Ok(()) => return Ok(()),
                Err(reason) => nearest = reason,
            }
        }
        Err(nearest)
    }
}

impl AllowedBucket {
    fn check_place(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), (String, Option<String>)> {
        let set = |names: &[&str]| names.iter().find_map(|name| environment(name).filter(|value| !value.trim().is_empty()));
        if let Some(wanted) = &self.account {
            if set(&["AZURE_STORAGE_ACCOUNT_NAME"]).as_ref() != Some(wanted) {
                let hint = format!("set AZURE_STORAGE_ACCOUNT_NAME to `{wanted}`");
                return Err(("is allowed of another storage account than the one that the environment names".into(), Some(hint)));
            }
            if set(&["AZURE_STORAGE_ENDPOINT", "AZURE_STORAGE_USE_EMULATOR"]).is_some() {
                return Err((format!("is allowed of the storage account `{wanted}`, and the environment names another server"), None));
            }
        }
        if self.url.service() != Service::S3 {
            return Ok(());
        }
        let endpoint = set(&ENDPOINTS);
        if let Some(wanted) = &self.endpoint {
            let same = |found: &String| found.trim_end_matches('/') == wanted.trim_end_matches('/');
            if !endpoint.as_ref().is_some_and(same) {
                let hint = format!("set AWS_ENDPOINT_URL to `{wanted}`");
                return Err(("is allowed on another server than the one that the environment names".into(), Some(hint)));
            }
        }
        let Some(wanted) = &self.region else { return Ok(()) };
        if self.endpoint.is_none() && endpoint.is_some() {
            let hint = "name that server as the entry's `endpoint`, or leave AWS_ENDPOINT_URL out";
            return Err((
                format!("is allowed in region `{wanted}` of Amazon alone, and the environment names another server"),
                Some(hint.into()),
            ));
        }
        match set(&REGIONS) {
            Some(found) if found == *wanted => Ok(()),
            Some(found) => Err((format!("is allowed in region `{wanted}`, and AWS_REGION says `{found}`"), None)),
            None => {
                Err((format!("is allowed in region `{wanted}`, and AWS_REGION is not set"), Some(format!("set AWS_REGION to `{wanted}`"))))
            }
        }
    }
}

/// A path as the system would follow it: absolute, without `..` and without symbolic links. What does not exist yet stays as it is written.
pub(super) fn real_path(path: &Path) -> Result<PathBuf, String> {
    let absolute = std::path::absolute(path).map_err(|error| error.kind().to_string())?;
    let mut real = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            // What stands in `real` has no links any more, so that its parent is the one that the system means.
            Component::ParentDir => {
                real.pop();
            }
            Component::Prefix(_) | Component::RootDir => real.push(component),
            Component::Normal(name) => {
                real.push(name);
                match real.symlink_metadata() {
                    // A link that leads nowhere yet may lead anywhere later.
                    Ok(found) if found.is_symlink() => {
                        real = real.canonicalize().map_err(|_| "a symbolic link on its way leads nowhere".to_owned())?
                    }
                    Ok(_) => {}
                    Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                    Err(error) => return Err(error.kind().to_string()),
                }
            }
        }
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn allowed(entries: &[&str]) -> Allowed {
        Allowed::new(entries.iter().map(|text| AllowedEntry::parse(text, Path::new("/nowhere")).unwrap()).collect())
    }

    fn is_allowed(allowed: &Allowed, output: &str) -> bool {
        allowed.check(&Location::parse(output, Path::new("/nowhere")).unwrap(), &|_| None).is_ok()
    }

    #[test]
    fn whole_components_count_and_nothing_leaves_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["sweden", "sweden2", "norway"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let at = |below: &str| format!("{}/{below}", root.display());
        for entry in ["sweden", "sweden/", "sweden/*", "norway/../sweden", "sweden/./"] {
            let allowed = allowed(&[&at(entry)]);
            for (output, expected) in [
                ("sweden", true),
                ("sweden/", true),
                ("sweden/sets", true),
                ("sweden/not/yet/there", true),
                ("norway/../sweden/sets", true),
                ("sweden/sets/../../sweden/x", true),
                ("sweden2", false),
                ("sweden2/sets", false),
                ("Sweden", false),
                ("sweden/../norway", false),
                ("sweden/not/there/../../../norway", false),
                ("sweden/..", false),
                ("sweden%2F..", false),
                ("swede", false),
                ("", false),
            ] {
                assert_eq!(is_allowed(&allowed, &at(output)), expected, "{output} with {entry}");
            }
        }
        assert!(is_allowed(&allowed(&["/*"]), &at("norway")));
        assert!(!is_allowed(&allowed(&["s3://bucket"]), &at("norway")));
        assert!(!is_allowed(&Allowed::new(Vec::new()), &at("norway")));
    }

    #[test]
    fn links_are_followed_on_both_sides() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("sweden/sets")).unwrap();
        std::fs::create_dir_all(root.join("norway/deep")).unwrap();
        symlink(root.join("norway"), root.join("sweden/link")).unwrap();
        symlink("../norway/deep", root.join("sweden/deep")).unwrap();
        symlink(root.join("sweden/link"), root.join("sweden/twice")).unwrap();
        symlink(root.join("gone"), root.join("sweden/gone")).unwrap();
        symlink(root.join("sweden/ring"), root.join("sweden/ring")).unwrap();
        symlink(root.join("sweden"), root.join("home")).unwrap();
        let at = |below: &str| format!("{}/{below}", root.display());
        let by_folder = allowed(&[&at("sweden")]);
        for entry in [&by_folder, &allowed(&[&at("home")])] {
            for (output, expected) in [
                ("home", true),
                ("home/sets", true),
                ("sweden/sets", true),
                ("sweden/link", false),
                ("sweden/link/x", false),
                // The parent of where the link leads is not the folder that the link stands in.
                ("sweden/deep/../sets", false),
                ("sweden/link/../sweden/sets", true),
                ("sweden/twice/x", false),
                ("sweden/gone", false),
                ("sweden/gone/x", false),
                ("sweden/ring/x", false),
            ] {
                assert_eq!(is_allowed(entry, &at(output)), expected, "{output}");
            }
        }
        // The reason names where it leads.
        let output = Location::Folder(root.join("sweden/link/x"));
        let (reason, _) = by_folder.check(&output, &|_| None).unwrap_err();
        assert!(reason.ends_with(&format!("(it leads to `{}`)", at("norway/x"))), "{reason}");
        // An entry that leads nowhere allows nothing.
        assert!(!is_allowed(&allowed(&[&at("sweden/gone")]), &at("sweden/gone")));
    }

    #[test]
    fn buckets_are_compared_by_service_bucket_and_parts() {
        let allowed = allowed(&["s3://company-se-stockholm/*", "s3://shared/sweden", "gs://company-se/"]);
        for (output, expected) in [
            ("s3://company-se-stockholm", true),
            ("s3://company-se-stockholm/", true),
            ("S3://company-se-stockholm/a/b", true),
            ("s3://company-se-stockholm-evil/a", false),
            ("s3://company-se-stockhol", false),
            ("s3://shared/sweden", true),
            ("s3://shared/sweden/", true),
            ("s3://shared/sweden/sets", true),
            ("s3://shared/sweden2", false),
            ("s3://shared/Sweden", false),
            ("s3://shared", false),
            ("gs://company-se/x", true),
            ("s3://company-se/x", false),
            ("az://company-se/x", false),
            ("/company-se/x", false),
        ] {
            assert_eq!(is_allowed(&allowed, output), expected, "{output}");
        }
    }

    #[test]
    fn a_region_holds_for_amazon_or_a_named_server() {
        let entry = |region: Option<&str>, endpoint: Option<&str>| {
            let Ok(Location::Bucket(url)) = Location::parse("s3://company-se", Path::new("/")) else { panic!("a bucket") };
            let (region, endpoint) = (region.map(str::to_owned), endpoint.map(str::to_owned));
            Allowed::new(vec![AllowedEntry::Bucket(AllowedBucket { url, region, endpoint, account: None })])
        };
        let amazon = entry(Some("eu-north-1"), None);
        let own = entry(Some("eu-north-1"), Some("https://minio.example"));
        let server = entry(None, Some("https://minio.example/"));
        let free = entry(None, None);
        type Set<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Set<'_>, [bool; 4]); 7] = [
            (&[], [false, false, false, true]),
            (&[("AWS_REGION", "eu-north-1")], [true, false, false, true]),
            (&[("AWS_DEFAULT_REGION", "eu-north-1")], [true, false, false, true]),
            (&[("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "eu-north-1")], [false, false, false, true]),
            (&[("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "https://minio.example/")], [false, true, true, true]),
            (&[("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT", "https://minio.example.evil")], [false, false, false, true]),
            (
                &[
                    ("AWS_ENDPOINT_URL_S3", "https://evil.example"),
                    ("AWS_ENDPOINT_URL", "https://minio.example"),
                    ("AWS_REGION", "eu-north-1"),
                ],
                [false, false, false, true],
            ),
        ];
        for (set, expected) in cases {
            let environment = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            let output = Location::parse("s3://company-se/sets", Path::new("/")).unwrap();
            let found = [&amazon, &own, &server, &free].map(|allowed| allowed.check(&output, &environment).is_ok());
            assert_eq!(found, expected, "{set:?}");
        }
    }

    #[test]
    fn an_account_is_that_of_the_environment() {
        let Ok(Location::Bucket(url)) = Location::parse("az://history", Path::new("/")) else { panic!("a bucket") };
        let bucket = AllowedBucket { url, region: None, endpoint: None, account: Some("companyse".to_owned()) };
        let allowed = Allowed::new(vec![AllowedEntry::Bucket(bucket)]);
        let output = Location::parse("az://history/sets", Path::new("/")).unwrap();
        type Set<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Set<'_>, bool); 4] = [
            (&[], false),
            (&[("AZURE_STORAGE_ACCOUNT_NAME", "companyse")], true),
            (&[("AZURE_STORAGE_ACCOUNT_NAME", "companyse2")], false),
            (&[("AZURE_STORAGE_ACCOUNT_NAME", "companyse"), ("AZURE_STORAGE_ENDPOINT", "https://evil.example")], false),
        ];
        for (set, expected) in cases {
            let environment = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(allowed.check(&output, &environment).is_ok(), expected, "{set:?}");
        }
    }
}
