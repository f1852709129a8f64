//! Makes the server's side of the wire contract from `protos`.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const FILES: [&str; 4] =
        ["shared.proto", "gossip.proto", "server_features.proto", "streams.proto"];
    println!("cargo::rerun-if-changed=protos");
    let mut compiler = protox::Compiler::new(["protos"])?;
    compiler.include_imports(true).open_files(FILES)?;
    let set = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is missing")?).join("set");
    std::fs::write(&set, compiler.encode_file_descriptor_set())?;
    tonic_build::configure()
        .build_client(false)
        .build_transport(false)
        .file_descriptor_set_path(set)
        .skip_protoc_run()
        .compile_protos(&FILES, &["protos"])?;
    Ok(())
}
