//! Files to objects: in parts, with bounded memory, and versions of them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload, UploadPart};
use sha2::{Digest, Sha256};

use super::failure::Place;
use super::{Bucket, BucketError, CLEANING, MOST_BYTES, Put};
use crate::publish::PublishError;
use crate::publish::folder::open_file;

/// Bytes of a part. Services want 5 MB at least and 10,000 parts at most, and some want all parts but the last alike.
const PART: usize = 8 << 20;
/// Parts on their way at once; one more is being read.
const AT_ONCE: usize = 2;

/// What was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of what was sent, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// Why an upload did not come about: the file, or the bucket.
enum Fault {
    File(std::io::Error),
    Bucket(object_store::Error),
}

/// A file being read in parts.
struct Parts {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Parts {
    /// The next part: whole, but for the last; empty at the end.
    fn next(&mut self) -> std::io::Result<Bytes> {
        let mut part = Vec::with_capacity(PART);
        (&mut self.file).take(PART as u64).read_to_end(&mut part)?;
        self.hash.update(&part);
        self.bytes += part.len() as u64;
        Ok(part.into())
    }
}

/// A file of a version that goes to a bucket.
#[derive(Debug, Clone)]
pub struct Sent<'a> {
    /// Its name in the version's folder.
    pub name: &'a str,
    /// The object of the bucket that holds the same bytes already, if there is one: it is copied there.
    pub copied_from: Option<String>,
}

impl Bucket {
    /// Uploads a file, over whatever has that name. It appears whole or not at all. Takes about 30 MB of memory, however large the file is.
    ///
    /// On S3 each request is signed together with the SHA-256 of what it carries, which the server compares.
    ///
    /// # Errors
    /// [`PublishError::Io`] where the file can not be read, [`PublishError::Bucket`] otherwise. Parts that are there already are removed again,
    /// if the bucket still answers.
    pub fn upload(&self, name: &str, file: &Path) -> Result<Uploaded, PublishError> {
        let place = self.place(format!("upload `{name}`"));
        let key = self.key(name, &place)?;
        let opened = open_file(file)?;
        let mut parts = Parts { file: opened, hash: Sha256::new(), bytes: 0 };
        self.run(self.send(&key, &mut parts)).map_err(|fault| match fault {
            Fault::File(error) => PublishError::io("read", file)(error),
            Fault::Bucket(error) => place.failure(&error).into(),
        })?;
        let found = self.run(self.store.head(&key)).map_err(|error| place.failure(&error))?;
        if found.size != parts.bytes {
            return Err(place.other(format!("{} bytes arrived of {}", found.size, parts.bytes)).into());
        }
        Ok(Uploaded { bytes: parts.bytes, sha256: HEXLOWER.encode(&parts.hash.finalize()) })
    }

    async fn send(&self, key: &Key, parts: &mut Parts) -> Result<(), Fault> {
        let first = parts.next().map_err(Fault::File)?;
        if first.len() < PART {
            return self.store.put(key, first.into()).await.map(|_| ()).map_err(Fault::Bucket);
        }
        let mut upload = self.store.put_multipart(key).await.map_err(Fault::Bucket)?;
        let sent = send_parts(upload.as_mut(), first, parts).await;
        if sent.is_err() {
            // The first failure is the one to tell. What can not be removed now stays invisible, and the bucket's own rules remove it.
            let _ = tokio::time::timeout(CLEANING, upload.abort()).await;
        }
        sent
    }

    /// Uploads a version: the files of a local folder, in this order, to `<set>/<version>/`. The last, the manifest, is what makes it one, and is
    /// written only if nothing has its name. What an earlier run left of it without a manifest is removed first.
    ///
    /// Nobody is led there until `latest.json` names it, which is the caller's to do. Gives what was sent of each file that was not copied, in
    /// order, to be compared with the manifest.
    ///
    /// # Errors
    /// [`PublishError::Bucket`], with [`BucketError::Conflict`] where there is such a version already; [`PublishError::Io`] where a file can not be
    /// read. What was uploaded is removed again, if the bucket still answers; the version is never visible.
    pub fn publish_version(&self, set: &str, version: &str, folder: &Path, files: &[Sent<'_>]) -> Result<Vec<Uploaded>, PublishError> {
        let target = if set.is_empty() { version.to_owned() } else { format!("{set}/{version}") };
        let place = self.place(format!("publish `{target}`"));
        let Some((manifest, others)) = files.split_last() else {
            return Err(place.other("it has no files").into());
        };
        let manifest_name = format!("{target}/{}", manifest.name);
        let before = self.list(&target)?;
        if before.iter().any(|object| object.name == manifest_name) {
            return Err(conflict(&place).into());
        }
        if !before.is_empty() {
            self.remove(&target)?;
        }
        let send = |file: &Sent<'_>| {
            let name = format!("{target}/{}", file.name);
            match &file.copied_from {
                Some(from) => self.copy(from, &name).map(|()| None),
                None => self.upload(&name, &folder.join(file.name)).map(Some),
            }
        };
        let uploaded: Result<Vec<Option<Uploaded>>, PublishError> = others.iter().map(send).collect();
        let done = uploaded.and_then(|uploaded| {
            let mut uploaded: Vec<Uploaded> = uploaded.into_iter().flatten().collect();
            uploaded.push(self.upload_new(&manifest_name, &folder.join(manifest.name), &place)?);
            Ok(uploaded)
        });
        match &done {
            // Another run's version has that name now; its files are not this one's to remove.
            Err(PublishError::Bucket(BucketError::Conflict { .. })) | Ok(_) => {}
            Err(_) => self.clean(&target),
        }
        done
    }

    /// A small file, where nothing has that name.
    fn upload_new(&self, name: &str, file: &Path, place: &Place<'_>) -> Result<Uploaded, PublishError> {
        let size = file.metadata().map_err(PublishError::io("read", file))?.len();
        if size > MOST_BYTES {
            return Err(place.other(format!("`{name}` has {size} bytes")).into());
        }
        let bytes = std::fs::read(file).map_err(PublishError::io("read", file))?;
        let uploaded = Uploaded { bytes: bytes.len() as u64, sha256: HEXLOWER.encode(&Sha256::digest(&bytes)) };
        match self.put_new(name, bytes)? {
            Put::Done => Ok(uploaded),
            // A write whose answer got lost, or somebody else's.
            Put::AlreadyExists => match self.sha256_of(name)? {
                Some((sha256, _)) if sha256 == uploaded.sha256 => Ok(uploaded),
                _ => Err(conflict(place).into()),
            },
        }
    }

    /// Removes what a failure left, for as long as that is worth a try.
    fn clean(&self, folder: &str) {
        let place = self.place(format!("remove `{folder}`"));
        let Ok(key) = self.key(folder, &place) else { return };
        // The first failure is the one to tell; what stays is invisible, and the next version of that name removes it.
        let _ = self.run(async {
            tokio::time::timeout(CLEANING, async {
                let mut found = self.store.list(Some(&key));
                while let Some(Ok(object)) = found.next().await {
                    let _ = self.store.delete(&object.location).await;
                }
            })
            .await
        });
    }
}

fn conflict(place: &Place<'_>) -> BucketError {
    BucketError::Conflict { bucket: place.bucket.to_owned(), doing: place.doing.clone() }
}

async fn send_parts(upload: &mut dyn MultipartUpload, first: Bytes, parts: &mut Parts) -> Result<(), Fault> {
    let mut under_way: FuturesUnordered<UploadPart> = FuturesUnordered::new();
    let mut part = first;
    while !part.is_empty() {
        if under_way.len() == AT_ONCE
            && let Some(sent) = under_way.next().await
        {
            sent.map_err(Fault::Bucket)?;
        }
        under_way.push(upload.put_part(PutPayload::from(part)));
        part = parts.next().map_err(Fault::File)?;
    }
    while let Some(sent) = under_way.next().await {
        sent.map_err(Fault::Bucket)?;
    }
    upload.complete().await.map(|_| ()).map_err(Fault::Bucket)
}
