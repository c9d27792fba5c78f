//! `overdracht packages add|list`: the FHIR packages that definitions come from.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::fhir::definitions::check_dependencies;
use crate::fhir::pack;
use crate::fhir::package::{self, Library, PackageError};

#[derive(Args)]
pub struct Arguments {
    /// Folder that holds the packages.
    #[arg(long, global = true, env = package::SETTING, default_value = package::DEFAULT, value_name = "DIR")]
    dir: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Takes a copy of packages: a .tgz, a Python wheel that holds one, a package folder or a folder of definitions.
    Add {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Shows the packages that are there, and what they still need.
    List,
}

/// Exit code 0 when all was done, 2 when a package could not be read or written.
pub fn run(arguments: &Arguments) -> ExitCode {
    let library = Library::new(&arguments.dir);
    let outcome = match &arguments.action {
        Action::Add { files } => add(&library, files),
        Action::List => list(&library),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn add(library: &Library, files: &[PathBuf]) -> Result<(), PackageError> {
    for file in files {
        let added = library.add(file)?;
        // Packed now, so that a service that may not write here starts warm.
        pack::open(&added.path, &library.cache())?;
        let what = if added.changed { "added" } else { "already there" };
        println!("{}: {what}", added.manifest.label());
    }
    Ok(())
}

fn list(library: &Library) -> Result<(), PackageError> {
    let packages = library
        .packages()
        .map_err(|error| PackageError { path: library.dir().to_owned(), cause: package::Cause::Io(error) })?;
    if packages.is_empty() {
        println!("No packages in {}: run `make definitions`.", library.dir().display());
    }
    let packs: Vec<_> = packages.iter().map(|path| pack::open(path, &library.cache())).collect::<Result<_, _>>()?;
    for pack in &packs {
        println!("{}\t{} definitions", pack.manifest().label(), pack.entries().len());
    }
    for issue in check_dependencies(packs.iter().map(|pack| pack.manifest())) {
        println!("{}", issue.text);
    }
    Ok(())
}
