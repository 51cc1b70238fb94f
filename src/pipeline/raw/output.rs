//! Where a run may write, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

/// A location that a run may write to, with everything below it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawAllowedOutput {
    /// A folder, relative to this file, or a prefix of a bucket: `s3://company-se/*`.
    Location(String),
    /// A prefix of a bucket, and where that bucket has to be.
    Place(RawAllowedPlace),
}

/// A prefix of a bucket, and where that bucket has to be.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAllowedPlace {
    /// The prefix: `s3://company-se`.
    pub url: String,
    /// S3: the region that AWS_REGION has to name: `eu-north-1`. Without an `endpoint` the server has to be Amazon's own.
    pub region: Option<String>,
    /// S3: the server that AWS_ENDPOINT_URL has to name.
    pub endpoint: Option<String>,
    /// Azure: the storage account that AZURE_STORAGE_ACCOUNT_NAME has to name.
    pub account: Option<String>,
}

pub(super) fn default_output() -> String {
    "published".into()
}

pub(super) fn default_staging() -> String {
    "staging".into()
}
