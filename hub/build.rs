//! The tables are compiled into the program: a changed migration means a new build.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
