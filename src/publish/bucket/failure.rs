//! What a bucket answered, as a sentence.
//!
//! The answer of a server may quote a key or a signed address, and what a client says of it quotes the answer: no text of either is kept. Only
//! the kind of failure, the HTTP status and codes out of a fixed list are.

use std::error::Error as _;

use object_store::client::{HttpError, HttpErrorKind};

/// Why something did not work in a bucket. Names the bucket and what was attempted; never a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// The environment does not say enough, or something that can not be.
    #[error("the bucket `{bucket}` can not be opened: {reason}")]
    Settings {
        /// The bucket's URL.
        bucket: String,
        /// What is missing or wrong.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// There is no such bucket.
    #[error("cannot {doing}: there is no bucket `{bucket}`")]
    NoSuchBucket {
        /// The bucket's URL.
        bucket: String,
        /// What was attempted.
        doing: String,
    },
    /// The credentials are wrong, or do not suffice.
    #[error("cannot {doing}: the bucket `{bucket}` refused access ({reason})")]
    AccessDenied {
        /// The bucket's URL.
        bucket: String,
        /// What was attempted.
        doing: String,
        /// The service's code for it.
        reason: &'static str,
    },
    /// Nobody answers, or not in time, or only that it can not now.
    #[error("cannot {doing}: the bucket `{bucket}` can not be reached ({reason})")]
    Unreachable {
        /// The bucket's URL.
        bucket: String,
        /// What was attempted.
        doing: String,
        /// How it failed.
        reason: &'static str,
    },
    /// Somebody else wrote it first.
    #[error("cannot {doing}: somebody else wrote to it in the bucket `{bucket}`")]
    Conflict {
        /// The bucket's URL.
        bucket: String,
        /// What was attempted.
        doing: String,
    },
    /// Anything else.
    #[error("cannot {doing} in the bucket `{bucket}`: {reason}")]
    Other {
        /// The bucket's URL.
        bucket: String,
        /// What was attempted.
        doing: String,
        /// What is known of why.
        reason: String,
    },
}

/// What the services call a failure of rights.
const DENIED: [&str; 14] = [
    "AccessDenied",
    "AccountProblem",
    "AllAccessDisabled",
    "AuthenticationFailed",
    "AuthorizationFailure",
    "AuthorizationPermissionMismatch",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidAuthenticationInfo",
    "InvalidToken",
    "NoAuthenticationInformation",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
];

/// What they call a bucket that is not there.
const MISSING: [&str; 3] = ["NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"];

/// Other codes that say something to whoever reads them.
const TELLING: [&str; 12] = [
    "AuthorizationHeaderMalformed",
    "BadDigest",
    "EntityTooLarge",
    "IllegalLocationConstraintException",
    "InternalError",
    "InvalidRequest",
    "MalformedXML",
    "NoSuchUpload",
    "PermanentRedirect",
    "QuotaExceeded",
    "ServiceUnavailable",
    "SlowDown",
];

/// Whose bucket it is and what was being done there.
pub(super) struct Place<'a> {
    /// The bucket's URL.
    pub bucket: &'a str,
    /// What was attempted: a verb and what it is done to.
    pub doing: String,
    /// Whether the environment names credentials; without any, the machine's own are asked for.
    pub has_credentials: bool,
}

impl Place<'_> {
    /// Another failure than the service's.
    pub fn other(&self, reason: impl Into<String>) -> BucketError {
        BucketError::Other { bucket: self.bucket.to_owned(), doing: self.doing.clone(), reason: reason.into() }
    }

    /// A failure of the service, or of the way to it.
    pub fn failure(&self, error: &object_store::Error) -> BucketError {
        let (bucket, doing) = (self.bucket.to_owned(), self.doing.clone());
        // Looked at, and dropped.
        let text = error.to_string();
        let known = |codes: &[&'static str]| codes.iter().copied().find(|code| text.contains(&format!("<Code>{code}</Code>")));
        if known(&MISSING).is_some() {
            return BucketError::NoSuchBucket { bucket, doing };
        }
        if let Some(reason) = known(&DENIED) {
            return BucketError::AccessDenied { bucket, doing, reason };
        }
        match error {
            object_store::Error::PermissionDenied { .. } => return BucketError::AccessDenied { bucket, doing, reason: "HTTP 403" },
            object_store::Error::Unauthenticated { .. } => return BucketError::AccessDenied { bucket, doing, reason: "HTTP 401" },
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
                return BucketError::Conflict { bucket, doing };
            }
            object_store::Error::NotFound { .. } => return self.other("it is not there"),
            object_store::Error::InvalidPath { .. } => return self.other("no object can have that name"),
            object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. } => {
                return self.other("the service does not know how");
            }
            _ => {}
        }
        if let Some(kind) = http_kind(error) {
            return BucketError::Unreachable { bucket, doing, reason: way(kind, self.has_credentials) };
        }
        if text.contains("redirect without LOCATION") || text.contains("<Code>PermanentRedirect</Code>") {
            return self.other("it is in another region than AWS_REGION says");
        }
        let status = status(&text);
        if let Some(reason) = status.and_then(unable) {
            return BucketError::Unreachable { bucket, doing, reason };
        }
        match (known(&TELLING), status) {
            (Some(code), Some(status)) => self.other(format!("the service answered HTTP {status}, {code}")),
            (Some(code), None) => self.other(format!("the service answered {code}")),
            (None, Some(status)) => self.other(format!("the service answered HTTP {status}")),
            (None, None) => self.other("the service's answer makes no sense"),
        }
    }
}

/// How the way to the server failed, where it did.
fn http_kind(error: &object_store::Error) -> Option<HttpErrorKind> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(http) = error.downcast_ref::<HttpError>() {
            return Some(http.kind());
        }
        source = error.source();
    }
    None
}

fn way(kind: HttpErrorKind, has_credentials: bool) -> &'static str {
    if !has_credentials {
        return "there are no credentials in the environment, and the machine has none to ask for, or nobody answered";
    }
    match kind {
        HttpErrorKind::Connect => "no connection",
        HttpErrorKind::Timeout => "no answer in time",
        HttpErrorKind::Request | HttpErrorKind::Interrupted => "the connection broke off",
        _ => "the request could not be made, or its answer not be read",
    }
}

/// The three digits after the words that the client puts before a status.
fn status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

/// A status by which a service says that it can not now.
fn unable(status: u16) -> Option<&'static str> {
    match status {
        408 => Some("HTTP 408"),
        429 => Some("HTTP 429: too many requests"),
        500 => Some("HTTP 500"),
        502 => Some("HTTP 502"),
        503 => Some("HTTP 503"),
        504 => Some("HTTP 504"),
        _ => None,
    }
}

impl BucketError {
    /// What the reader may do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Settings { hint, .. } => hint,
            Self::NoSuchBucket { .. } => "make the bucket, or correct `output`; nothing half-made is visible to readers",
            Self::AccessDenied { .. } => {
                "look at the credentials in the environment (AWS_ACCESS_KEY_ID, AZURE_STORAGE_ACCOUNT_KEY, GOOGLE_APPLICATION_CREDENTIALS …), the \
                 clock and the bucket's policy: they need to list, read, write and delete below the output"
            }
            Self::Unreachable { .. } => {
                "look at the network, the proxy and the endpoint (AWS_ENDPOINT_URL), and run again; nothing half-made is visible to readers"
            }
            Self::Conflict { .. } => "two runs may be publishing to one place; look at them and run again",
            Self::Other { reason, .. } if reason.contains("AWS_REGION") => "set AWS_REGION to the bucket's region",
            Self::Other { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
