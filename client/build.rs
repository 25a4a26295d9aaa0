//! Puts the files of `assets/` into the binary: named by what is in them, and compressed once. A folder there is one file
//! in parts.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fmt::Write as _, fs};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// As they are served, by the ends of their names. What ends otherwise is not served.
const TYPES: [(&str, &str, bool); 5] = [
    ("css", "text/css; charset=utf-8", true),
    ("js", "text/javascript; charset=utf-8", true),
    ("svg", "image/svg+xml", true),
    ("png", "image/png", false),
    ("woff2", "font/woff2", false),
];

#[expect(clippy::disallowed_methods, reason = "cargo says in its environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=assets");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files: Vec<PathBuf> =
        fs::read_dir("assets")?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    // Style sheets name other files, so they come last.
    files.sort_by_key(|file| (file.extension().is_some_and(|end| end == "css"), file.clone()));

    let mut names: Vec<(String, String)> = Vec::new();
    let mut table = String::from("&[\n");
    for file in files {
        let (Some(stem), Some(end)) = (text(file.file_stem()), text(file.extension())) else { continue };
        let Some((_, media_type, is_text)) = TYPES.iter().find(|(known, ..)| *known == end) else { continue };
        let mut content = content(&file)?;
        if end == "css" {
            content = with_names(String::from_utf8(content)?, &names).into_bytes();
        }
        let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(&content)[..9]);
        let (plain, served) = (format!("{stem}.{end}"), format!("{stem}-{digest}.{end}"));
        let (brotli, gzip) = if *is_text { (brotli(&content)?, gzip(&content)?) } else { (vec![], vec![]) };
        for (suffix, bytes) in [("", &content), (".br", &brotli), (".gz", &gzip)] {
            fs::write(out.join(format!("{served}{suffix}")), bytes)?;
        }
        let included = |suffix: &str| include(&out, &format!("{served}{suffix}"));
        writeln!(
            table,
            "    Asset {{ name: {plain:?}, served: {served:?}, media_type: {media_type:?}, plain: {}, brotli: {}, \
             gzip: {} }},",
            included(""),
            included(".br"),
            included(".gz"),
        )?;
        names.push((plain, served));
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// The parts of a folder stand one behind the other, in the order of their names.
fn content(file: &Path) -> Result<Vec<u8>, std::io::Error> {
    if !file.is_dir() {
        return fs::read(file);
    }
    let mut parts: Vec<PathBuf> =
        fs::read_dir(file)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    parts.sort();
    let parts: Vec<Vec<u8>> = parts.iter().map(fs::read).collect::<Result<_, _>>()?;
    Ok(parts.concat())
}

fn text(part: Option<&std::ffi::OsStr>) -> Option<&str> {
    part.and_then(std::ffi::OsStr::to_str)
}

fn include(out: &Path, file: &str) -> String {
    format!("include_bytes!({:?})", out.join(file).display().to_string())
}

/// `url("name")` becomes the name that the file is served by.
fn with_names(mut css: String, names: &[(String, String)]) -> String {
    for (plain, served) in names {
        css = css.replace(&format!("url(\"{plain}\")"), &format!("url(\"{served}\")"));
    }
    css
}

fn brotli(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
