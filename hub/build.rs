//! The tables and the web client are compiled into the program: a changed migration or a new
//! build of the client means a new build.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    // A checkout without a built client embeds an empty folder; the door then says how to build.
    let _ = std::fs::create_dir_all("../web-client/dist");
    println!("cargo:rerun-if-changed=../web-client/dist");
}
