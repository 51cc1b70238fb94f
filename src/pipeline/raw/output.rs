//! Where a run may write, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

/// A location that a run may write to, with everything below it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawAllowedOutput {
    /// A folder, relative to this file, or a prefix of a bucket: `s3://company-se/*`.
    Location(String),
    /// A prefix of an S3 bucket, and where that bucket has to be.
    Place(RawAllowedPlace),
}

/// A prefix of an S3 bucket, and where that bucket has to be.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAllowedPlace {
    /// The prefix: `s3://company-se`.
    pub url: String,
    /// The region that AWS_REGION has to name: `eu-north-1`. Without an `endpoint` the server has to be Amazon's own.
    pub region: Option<String>,
    /// The server that AWS_ENDPOINT_URL has to name.
    pub endpoint: Option<String>,
}

pub(super) fn default_output() -> String {
    "published".into()
}

pub(super) fn default_staging() -> String {
    "staging".into()
}
