//! Where the pair lies, who can read it, and whether it has changed.

use std::{
    fmt,
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{KeyError, Problem};

/// An RSA key of 8192 bits takes 7 KiB.
const LARGEST_FILE: u64 = 64 * 1024;

/// The two files of the pair. Symbolic links are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFiles {
    pub private: PathBuf,
    pub public: PathBuf,
    /// Lets a private key sign although its mode opens it to every user of the machine.
    pub allow_world_readable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Private,
    Public,
}

/// Whom the mode of the private key lets in besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    Private,
    /// Its group: reported everywhere.
    Group {
        mode: u32,
    },
    /// Every user of the machine: refused for signing unless configuration says otherwise.
    World {
        mode: u32,
    },
}

/// What changes whenever one of the two files does, without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    private: Option<FileStamp>,
    public: Option<FileStamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    device: u64,
    inode: u64,
    length: u64,
    mode: u32,
    owner: (u32, u32),
    modified: (i64, i64),
    changed: (i64, i64),
}

impl KeyFiles {
    pub fn path(&self, half: Half) -> &Path {
        match half {
            Half::Private => &self.private,
            Half::Public => &self.public,
        }
    }

    /// Whom the private key's mode lets in; `None` when there is no such file.
    pub fn exposure(&self) -> Option<Exposure> {
        fs::metadata(&self.private).ok().map(|metadata| Exposure::of(&metadata))
    }

    /// Two calls to `stat`: cheap enough to ask every second.
    pub fn stamp(&self) -> Stamp {
        Stamp { private: FileStamp::of(&self.private), public: FileStamp::of(&self.public) }
    }

    pub(super) fn error(&self, half: Half, problem: Problem) -> KeyError {
        KeyError { half, path: self.path(half).to_owned(), problem }
    }

    pub(super) fn read_private(&self) -> Result<(Zeroizing<Vec<u8>>, Exposure), KeyError> {
        let mut file = self.open(Half::Private)?;
        let exposure = file.metadata().map(|metadata| Exposure::of(&metadata));
        let exposure = exposure.map_err(|error| self.error(Half::Private, unreadable(&error)))?;
        if let Exposure::World { mode } = exposure
            && !self.allow_world_readable
        {
            return Err(self.error(Half::Private, Problem::OpenToAll { mode }));
        }
        Ok((self.drain(Half::Private, &mut file)?, exposure))
    }

    pub(super) fn read(&self, half: Half) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.drain(half, &mut self.open(half)?)
    }

    fn open(&self, half: Half) -> Result<File, KeyError> {
        let path = self.path(half);
        let metadata = fs::metadata(path).map_err(|error| self.error(half, unreadable(&error)))?;
        // Asked before opening, because opening a pipe waits for its other end.
        if !metadata.is_file() {
            return Err(self.error(half, Problem::NotAFile));
        }
        File::open(path).map_err(|error| self.error(half, unreadable(&error)))
    }

    fn drain(&self, half: Half, file: &mut File) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut text = Zeroizing::new(Vec::with_capacity(8 * 1024));
        file.take(LARGEST_FILE + 1)
            .read_to_end(&mut text)
            .map_err(|error| self.error(half, unreadable(&error)))?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(self.error(half, Problem::TooLarge));
        }
        Ok(text)
    }
}

fn unreadable(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        kind => Problem::Unreadable(kind),
    }
}

impl Exposure {
    fn of(metadata: &Metadata) -> Self {
        let mode = metadata.mode() & 0o7777;
        match mode {
            mode if mode & 0o007 != 0 => Self::World { mode },
            mode if mode & 0o070 != 0 => Self::Group { mode },
            _ => Self::Private,
        }
    }
}

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            mode: metadata.mode(),
            owner: (metadata.uid(), metadata.gid()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

impl Half {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Private => Self::Public,
            Self::Public => Self::Private,
        }
    }
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Public => "public",
        })
    }
}
