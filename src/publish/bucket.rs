//! A bucket as a place for published sets: blocking calls over an object store.
//!
//! A bucket has no folders and no renames. A version becomes visible as it does in a folder, by what `latest.json` names: its files are uploaded
//! where no `latest.json` leads yet, the manifest last, and then `latest.json` is replaced on the condition that it is still the one that was
//! read. Of two runs one wins, and the other is told.
//!
//! Names of objects are relative to the prefix of the bucket's URL, made of parts joined by `/`: plain names and those that
//! [`folder_name`](super::folder_name) makes.

mod failure;
mod open;
mod upload;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::{StreamExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, UpdateVersion};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use self::failure::Place;
use super::PublishError;
use super::location::BucketUrl;

pub use self::failure::BucketError;
pub use self::upload::{Sent, Uploaded};

/// The most that [`Bucket::get`] takes into memory: a manifest or a `latest.json` is far smaller.
const MOST_BYTES: u64 = 256 << 20;

/// Bytes that one request reads.
const ONE_READ: u64 = 8 << 20;

/// How long is tried to clean up after a failure, which is often that nobody answers.
const CLEANING: Duration = Duration::from_secs(10);

/// A bucket, opened. Calls block; they may come from any thread that is not itself one of an asynchronous runtime.
pub struct Bucket {
    /// Polls nothing between calls.
    runtime: Runtime,
    store: Arc<dyn ObjectStore>,
    /// The URL, which has no credentials.
    name: String,
    prefix: String,
    has_credentials: bool,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A client may show the credentials that it was given.
        formatter.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Which content of an object was read. It changes whenever somebody writes the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    e_tag: Option<String>,
    version: Option<String>,
}

/// What came of [`Bucket::put_new`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was written.
    Done,
    /// Something of that name exists, and stays.
    AlreadyExists,
}

/// What came of [`Bucket::replace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It was written.
    Done,
    /// Somebody else wrote, made or removed it since; it stays as it is.
    Conflict,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name, relative to the bucket's prefix.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

impl Bucket {
    /// Makes a client. The network is not touched; a bucket that does not exist is found by the first call.
    ///
    /// `environment` gives the provider's variables by name: credentials, region, endpoint.
    ///
    /// # Errors
    /// [`BucketError::Settings`] where they do not suffice or make no sense.
    pub fn open(url: &BucketUrl, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, PublishError> {
        let (store, has_credentials) = open::open(url, environment)?;
        Self::over(store, url.to_string(), url.prefix(), has_credentials)
    }

    /// A bucket in this process's memory, for tests of what publishes.
    ///
    /// # Errors
    /// As [`Bucket::open`].
    pub fn in_memory() -> Result<Self, PublishError> {
        Self::over(Arc::new(InMemory::new()), "memory".to_owned(), "sets".to_owned(), true)
    }

    fn over(store: Arc<dyn ObjectStore>, name: String, prefix: String, has_credentials: bool) -> Result<Self, PublishError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| BucketError::Other {
            bucket: name.clone(),
            doing: "start".to_owned(),
            reason: error.kind().to_string(),
        })?;
        Ok(Self { runtime, store, name, prefix, has_credentials })
    }

    /// Its URL for people and for readers: `s3://bucket/prefix`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of an object or of a folder in it, as a reader opens it.
    pub fn url_of(&self, name: &str) -> String {
        if name.is_empty() { self.name.clone() } else { format!("{}/{name}", self.name) }
    }

    /// An object's content, and the tag by which [`Bucket::replace`] knows it again; `None` where there is no such object.
    ///
    /// # Errors
    /// [`PublishError::Bucket`]; also where it is larger than 256 MB.
    pub fn get(&self, name: &str) -> Result<Option<(Vec<u8>, Tag)>, PublishError> {
        let place = self.place(format!("read `{name}`"));
        let Some(found) = self.fetch(name, &place)? else { return Ok(None) };
        if found.meta.size > MOST_BYTES {
            return Err(place.other(format!("it has {} bytes", found.meta.size)).into());
        }
        let tag = Tag { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
        let mut bytes = Vec::new();
        self.read(found, &place, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(Some((bytes, tag)))
    }

    /// SHA-256 of an object in lower-case hexadecimal digits and its size, read in pieces; `None` where there is no such object.
    ///
    /// # Errors
    /// [`PublishError::Bucket`]; with [`BucketError::Conflict`] where it was replaced meanwhile.
    pub fn sha256_of(&self, name: &str) -> Result<Option<(String, u64)>, PublishError> {
        let place = self.place(format!("read `{name}`"));
        let Some(found) = self.fetch(name, &place)? else { return Ok(None) };
        let (mut hash, mut size) = (Sha256::new(), 0);
        self.read(found, &place, &mut |piece| {
            hash.update(piece);
            size += piece.len() as u64;
        })?;
        Ok(Some((HEXLOWER.encode(&hash.finalize()), size)))
    }

    /// Hands over an object's bytes in order. A request has to end in time: a large object is read by many.
    fn read(&self, found: GetResult, place: &Place<'_>, take: &mut dyn FnMut(&[u8])) -> Result<(), BucketError> {
        let (key, size, e_tag) = (found.meta.location.clone(), found.meta.size, found.meta.e_tag.clone());
        if size <= ONE_READ {
            let bytes = self.run(found.bytes()).map_err(|error| place.failure(&error))?;
            take(&bytes);
            return Ok(());
        }
        drop(found);
        let mut from = 0;
        while from < size {
            let to = size.min(from + ONE_READ);
            let options = GetOptions { if_match: e_tag.clone(), range: Some(GetRange::Bounded(from..to)), ..GetOptions::default() };
            let piece = self.run(async { self.store.get_opts(&key, options).await?.bytes().await });
            take(&piece.map_err(|error| place.failure(&error))?);
            from = to;
        }
        Ok(())
    }

    /// Writes a small object where nothing has that name.
    ///
    /// # Errors
    /// [`PublishError::Bucket`].
    pub fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<Put, PublishError> {
        match self.put(name, bytes, PutMode::Create)? {
            Replaced::Done => Ok(Put::Done),
            Replaced::Conflict => Ok(Put::AlreadyExists),
        }
    }

    /// Replaces a small object in one step: a reader gets the old content or the new, never a part. Only while it still is what `expected` was
    /// read of; `None` means that there is none yet.
    ///
    /// A write whose answer got lost is not mistaken for somebody else's: where the object holds exactly these bytes after a conflict, it is done.
    ///
    /// # Errors
    /// [`PublishError::Bucket`].
    pub fn replace(&self, name: &str, bytes: Vec<u8>, expected: Option<&Tag>) -> Result<Replaced, PublishError> {
        let mode = match expected {
            Some(tag) => PutMode::Update(UpdateVersion { e_tag: tag.e_tag.clone(), version: tag.version.clone() }),
            None => PutMode::Create,
        };
        let replaced = self.put(name, bytes.clone(), mode)?;
        if replaced == Replaced::Conflict && self.get(name)?.is_some_and(|(found, _)| found == bytes) {
            return Ok(Replaced::Done);
        }
        Ok(replaced)
    }

    fn put(&self, name: &str, bytes: Vec<u8>, mode: PutMode) -> Result<Replaced, PublishError> {
        let place = self.place(format!("write `{name}`"));
        let key = self.key(name, &place)?;
        let options = PutOptions { mode, ..PutOptions::default() };
        match self.run(self.store.put_opts(&key, bytes.into(), options)) {
            Ok(_) => Ok(Replaced::Done),
            Err(error) => match place.failure(&error) {
                BucketError::Conflict { .. } => Ok(Replaced::Conflict),
                other => Err(other.into()),
            },
        }
    }

    /// Copies an object within the bucket, over whatever has the new name. The bytes do not come here.
    ///
    /// # Errors
    /// [`PublishError::Bucket`].
    pub fn copy(&self, from: &str, to: &str) -> Result<(), PublishError> {
        let place = self.place(format!("copy `{from}` to `{to}`"));
        let (from, to) = (self.key(from, &place)?, self.key(to, &place)?);
        Ok(self.run(self.store.copy(&from, &to)).map_err(|error| place.failure(&error))?)
    }

    /// Every object below a folder (all of them for an empty name), sorted by name.
    ///
    /// # Errors
    /// [`PublishError::Bucket`].
    pub fn list(&self, folder: &str) -> Result<Vec<Object>, PublishError> {
        let place = self.place(format!("list `{folder}`"));
        let key = self.key(folder, &place)?;
        let found: Vec<ObjectMeta> = self.run(self.store.list(Some(&key)).try_collect()).map_err(|error| place.failure(&error))?;
        let mut objects: Vec<Object> =
            found.iter().filter_map(|meta| Some(Object { name: self.name_of(&meta.location)?, bytes: meta.size })).collect();
        objects.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        Ok(objects)
    }

    /// The names of the folders in a folder (of the bucket's own for an empty name), each without what stands above it, sorted.
    ///
    /// # Errors
    /// [`PublishError::Bucket`].
    pub fn folders(&self, folder: &str) -> Result<Vec<String>, PublishError> {
        let place = self.place(format!("list `{folder}`"));
        let key = self.key(folder, &place)?;
        let found = self.run(self.store.list_with_delimiter(Some(&key))).map_err(|error| place.failure(&error))?;
        let mut names: Vec<String> = found.common_prefixes.iter().filter_map(|key| Some(key.filename()?.to_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Removes every object below a folder, and returns how many. Where it fails, some may be gone.
    ///
    /// # Errors
    /// [`PublishError::Bucket`]; also for an empty name: nobody means the whole output.
    pub fn remove(&self, folder: &str) -> Result<u64, PublishError> {
        let place = self.place(format!("remove `{folder}`"));
        if folder.is_empty() {
            return Err(place.other("no folder is named").into());
        }
        let key = self.key(folder, &place)?;
        let removed = self.run(async {
            let keys: Vec<_> = self.store.list(Some(&key)).map_ok(|meta| meta.location).try_collect().await?;
            let keys = futures_util::stream::iter(keys.into_iter().map(Ok)).boxed();
            let mut removed = 0;
            let mut answers = self.store.delete_stream(keys);
            while let Some(answer) = answers.next().await {
                match answer {
                    Ok(_) => removed += 1,
                    // Somebody else was faster.
                    Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(removed)
        });
        Ok(removed.map_err(|error| place.failure(&error))?)
    }

    /// An object's beginning, or `None`.
    fn fetch(&self, name: &str, place: &Place<'_>) -> Result<Option<GetResult>, PublishError> {
        let key = self.key(name, place)?;
        match self.run(self.store.get(&key)) {
            Ok(found) => Ok(Some(found)),
            Err(error @ object_store::Error::NotFound { .. }) => match place.failure(&error) {
                missing @ BucketError::NoSuchBucket { .. } => Err(missing.into()),
                _ => Ok(None),
            },
            Err(error) => Err(place.failure(&error).into()),
        }
    }

    fn run<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }

    fn place(&self, doing: String) -> Place<'_> {
        Place { bucket: &self.name, doing, has_credentials: self.has_credentials }
    }

    /// The whole key of a name. Nothing is encoded or resolved: the key has the name's own bytes, and a name with `..` is none.
    fn key(&self, name: &str, place: &Place<'_>) -> Result<Key, BucketError> {
        let whole = match (self.prefix.as_str(), name) {
            (prefix, "") => prefix.to_owned(),
            ("", name) => name.to_owned(),
            (prefix, name) => format!("{prefix}/{name}"),
        };
        let is_clean = !name.starts_with('/') && !name.ends_with('/');
        Key::parse(&whole).ok().filter(|_| is_clean).ok_or_else(|| place.other("no object can have that name"))
    }

    /// A key's name, relative to the prefix; `None` for what stands elsewhere.
    fn name_of(&self, key: &Key) -> Option<String> {
        if self.prefix.is_empty() {
            return Some(key.as_ref().to_owned());
        }
        Some(key.as_ref().strip_prefix(&self.prefix)?.strip_prefix('/')?.to_owned())
    }
}
