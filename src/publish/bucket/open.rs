//! From a bucket's URL and the environment to a client.
//!
//! Each service's own variables are read, by name. What would switch off a safeguard (conditional writes, signatures, signed bodies) is not
//! among them, nor is what the URL says.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use super::failure::BucketError;
use crate::publish::location::{BucketUrl, Service};

/// A later one wins where two mean the same.
const S3: [&str; 22] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ALLOW_HTTP",
    "AWS_CHECKSUM_ALGORITHM",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IMDSV1_FALLBACK",
    "AWS_METADATA_ENDPOINT",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SESSION_TOKEN",
    "AWS_SSE_KMS_KEY_ID",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];
const GOOGLE: [&str; 6] = [
    "GOOGLE_ALLOW_HTTP",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_BASE_URL",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
];
const AZURE: [&str; 21] = [
    "AZURE_ALLOW_HTTP",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_MSI_ENDPOINT",
    "AZURE_MSI_RESOURCE_ID",
    "AZURE_OBJECT_ID",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_CLIENT_ID",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TENANT_ID",
    "AZURE_STORAGE_TOKEN",
    "AZURE_STORAGE_USE_EMULATOR",
    "AZURE_TENANT_ID",
    "AZURE_USE_AZURE_CLI",
];

/// A connection is there within this, or not at all.
const CONNECT: Duration = Duration::from_secs(5);
/// One request with its answer: two parts of an upload side by side need 280 kB a second. A silent endpoint is given up after this long.
const REQUEST: Duration = Duration::from_secs(60);
/// No further attempt begins later.
const RETRY: Duration = Duration::from_secs(45);
/// Attempts after the first.
const RETRIES: usize = 4;
/// Connections stay open for this long between two calls. What a server closes meanwhile nobody sees, because nothing runs between calls.
const IDLE: Duration = Duration::from_secs(3);

/// A client, and whether the environment names credentials for it.
pub(super) fn open(url: &BucketUrl, environment: &dyn Fn(&str) -> Option<String>) -> Result<(Arc<dyn ObjectStore>, bool), BucketError> {
    let names: &[&'static str] = match url.service() {
        Service::S3 => &S3,
        Service::Google => &GOOGLE,
        Service::Azure => &AZURE,
    };
    let value = |name: &'static str| environment(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value));
    let set: Vec<(&'static str, String)> = names.iter().copied().filter_map(value).collect();
    let has = |wanted: &[&str]| set.iter().any(|(name, _)| wanted.contains(name));
    let settings = |reason: String, hint| BucketError::Settings { bucket: url.to_string(), reason, hint };
    check(&set).map_err(|(reason, hint)| settings(reason, hint))?;
    let client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST).with_pool_idle_timeout(IDLE);
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(200), max_backoff: Duration::from_secs(5), base: 2.0 };
    let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY };
    match url.service() {
        Service::S3 => {
            if has(&["AWS_ACCESS_KEY_ID"]) != has(&["AWS_SECRET_ACCESS_KEY"]) {
                return Err(settings(
                    "only one half of the access key is set".to_owned(),
                    "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",
                ));
            }
            let builder = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
            let builder = set.iter().try_fold(builder, |builder, (name, value)| {
                let key: AmazonS3ConfigKey = name.to_ascii_lowercase().parse()?;
                Ok(builder.with_config(key, value))
            });
            let built = builder.and_then(|builder| builder.with_bucket_name(url.bucket()).build());
            let credentials = [
                "AWS_ACCESS_KEY_ID",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
            ];
            let hint = "look at the AWS_ variables of the environment";
            Ok((Arc::new(built.map_err(|error| settings(refused(&error), hint))?), has(&credentials)))
        }
        Service::Google => {
            let builder = GoogleCloudStorageBuilder::new().with_client_options(client).with_retry(retry);
            let builder = set.iter().try_fold(builder, |builder, (name, value)| {
                let key: GoogleConfigKey = name.to_ascii_lowercase().parse()?;
                Ok(builder.with_config(key, value))
            });
            let built = builder.and_then(|builder| builder.with_bucket_name(url.bucket()).build());
            let credentials =
                ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_SERVICE_ACCOUNT_PATH"];
            let hint = "look at the GOOGLE_ variables of the environment, and the files that they name";
            Ok((Arc::new(built.map_err(|error| settings(refused(&error), hint))?), has(&credentials)))
        }
        Service::Azure => {
            if !has(&["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_USE_EMULATOR"]) {
                return Err(settings("no storage account is named".to_owned(), "set AZURE_STORAGE_ACCOUNT_NAME"));
            }
            let builder = MicrosoftAzureBuilder::new().with_client_options(client).with_retry(retry);
            let builder = set.iter().try_fold(builder, |builder, (name, value)| {
                let key: AzureConfigKey = name.to_ascii_lowercase().parse()?;
                Ok(builder.with_config(key, value))
            });
            let built = builder.and_then(|builder| builder.with_container_name(url.bucket()).build());
            let credentials = [
                "AZURE_STORAGE_ACCESS_KEY",
                "AZURE_STORAGE_ACCOUNT_KEY",
                "AZURE_STORAGE_SAS_KEY",
                "AZURE_STORAGE_SAS_TOKEN",
                "AZURE_STORAGE_TOKEN",
                "AZURE_STORAGE_USE_EMULATOR",
                "AZURE_CLIENT_SECRET",
                "AZURE_STORAGE_CLIENT_SECRET",
                "AZURE_FEDERATED_TOKEN_FILE",
            ];
            let hint = "look at the AZURE_ variables of the environment";
            Ok((Arc::new(built.map_err(|error| settings(refused(&error), hint))?), has(&credentials)))
        }
    }
}

/// What the client would only say in a request, or not at all. Values are named where they are no secret alone.
fn check(set: &[(&'static str, String)]) -> Result<(), (String, &'static str)> {
    let allows_http = set.iter().any(|(name, value)| name.ends_with("_ALLOW_HTTP") && is_true(value));
    for (name, value) in set {
        let is_switch =
            name.ends_with("_ALLOW_HTTP") || *name == "AWS_VIRTUAL_HOSTED_STYLE_REQUEST" || *name == "AZURE_STORAGE_USE_EMULATOR";
        if is_switch && !is_true(value) && !is_false(value) {
            return Err((format!("{name} is neither `true` nor `false`"), "write `true` or `false`"));
        }
        let is_endpoint =
            matches!(*name, "AWS_ENDPOINT" | "AWS_ENDPOINT_URL" | "AWS_ENDPOINT_URL_S3" | "AZURE_STORAGE_ENDPOINT" | "GOOGLE_BASE_URL");
        if !is_endpoint {
            continue;
        }
        let scheme = value.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("https") => {}
            Some("http") if allows_http => {}
            Some("http") => {
                let hint = "use `https://`, or set AWS_ALLOW_HTTP=true (AZURE_ALLOW_HTTP, GOOGLE_ALLOW_HTTP) where nobody can listen in";
                return Err((format!("{name} is not encrypted"), hint));
            }
            _ => return Err((format!("{name} is no URL"), "write it like `https://s3.example.org`")),
        }
    }
    Ok(())
}

fn is_true(value: &str) -> bool {
    ["1", "true", "on", "yes", "y"].contains(&value.to_ascii_lowercase().as_str())
}

fn is_false(value: &str) -> bool {
    ["0", "false", "off", "no", "n"].contains(&value.to_ascii_lowercase().as_str())
}

/// Why no client could be made, without the client's own words: they may quote a value.
fn refused(error: &object_store::Error) -> String {
    match error {
        object_store::Error::UnknownConfigurationKey { key, .. } => format!("the setting `{key}` is unknown"),
        _ => "a setting is missing or can not be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::publish::location::Location;

    fn open_with(url: &str, set: &[(&str, &str)]) -> Result<(Arc<dyn ObjectStore>, bool), BucketError> {
        let Ok(Location::Bucket(url)) = Location::parse(url, Path::new("/")) else { panic!("{url} is a bucket") };
        open(&url, &|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn every_variable_is_one_that_the_client_knows() {
        for name in S3 {
            assert!(name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>().is_ok(), "{name}");
        }
        for name in GOOGLE {
            assert!(name.to_ascii_lowercase().parse::<GoogleConfigKey>().is_ok(), "{name}");
        }
        for name in AZURE {
            assert!(name.to_ascii_lowercase().parse::<AzureConfigKey>().is_ok(), "{name}");
        }
    }

    #[test]
    fn each_service_is_opened_by_its_own_variables() {
        let account = "eyJhIjoxfQ==";
        for (url, set, expected) in [
            ("s3://bucket/x", &[][..], false),
            ("s3://bucket/x", &[("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_REGION", "eu-north-1")], true),
            ("az://container/x", &[("AZURE_STORAGE_ACCOUNT_NAME", "a"), ("AZURE_STORAGE_ACCOUNT_KEY", account)], true),
            ("az://container/x", &[("AZURE_STORAGE_ACCOUNT_NAME", "a"), ("AZURE_STORAGE_TENANT_ID", "t")], false),
            ("az://container/x", &[("AZURE_STORAGE_USE_EMULATOR", "true")], true),
            (
                "gs://bucket/x",
                &[(
                    "GOOGLE_SERVICE_ACCOUNT_KEY",
                    r#"{"gcs_base_url":"https://x","disable_oauth":true,"client_email":"","private_key":"","private_key_id":""}"#,
                )],
                true,
            ),
        ] {
            let (_, has_credentials) = open_with(url, set).unwrap_or_else(|error| panic!("{url} {set:?}: {error}"));
            assert_eq!(has_credentials, expected, "{url} {set:?}");
        }
    }

    #[test]
    fn settings_that_can_not_be_are_told_without_their_values() {
        for (url, set, part) in [
            ("s3://bucket", &[("AWS_ACCESS_KEY_ID", "hunter2")][..], "one half"),
            ("s3://bucket", &[("AWS_ENDPOINT_URL", "http://hunter2")], "AWS_ENDPOINT_URL is not encrypted"),
            ("s3://bucket", &[("AWS_ENDPOINT_URL", "http://hunter2"), ("AWS_ALLOW_HTTP", "false")], "not encrypted"),
            ("s3://bucket", &[("AWS_ENDPOINT", "hunter2")], "no URL"),
            ("s3://bucket", &[("AWS_ALLOW_HTTP", "hunter2")], "neither `true` nor"),
            ("s3://bucket", &[("AWS_CHECKSUM_ALGORITHM", "hunter2")], "a setting"),
            ("az://container", &[("AZURE_STORAGE_ACCOUNT_KEY", "hunter2")], "no storage account"),
            ("az://container", &[("AZURE_STORAGE_ACCOUNT_NAME", "a"), ("AZURE_STORAGE_ACCOUNT_KEY", "hunter2!")], "a setting"),
            ("gs://bucket", &[("GOOGLE_SERVICE_ACCOUNT_KEY", "hunter2")], "a setting"),
            ("gs://bucket", &[("GOOGLE_APPLICATION_CREDENTIALS", "/hunter2.json")], "a setting"),
        ] {
            let error = open_with(url, set).map(|_| ()).unwrap_err();
            let told = format!("{error} {error:?} {}", error.hint().unwrap_or_default());
            assert!(told.contains(part) && !told.contains("hunter2"), "{set:?}: {told}");
        }
    }
}
