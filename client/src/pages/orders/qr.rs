//! A QR code as one line that a picture draws: dark squares side by side are one.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};

/// Squares around it that stay light, so that it is found.
const QUIET: usize = 4;

pub(super) struct QrCode {
    /// In squares, with the quiet ones.
    pub side: usize,
    /// The `d` of a path.
    pub path: String,
}

impl QrCode {
    /// Good to read with 15 of 100 parts covered. Nothing, where this much does not fit into one.
    pub(super) fn of(content: &str) -> Option<Self> {
        let code = QRBuilder::new(content).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let mut column = 0;
            for run in code[row].chunk_by(|left, right| left.value() == right.value()) {
                if run.iter().all(|module| module.value()) {
                    let (x, y, length) = (column + QUIET, row + QUIET, run.len());
                    // Writing into a text cannot fail.
                    let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
                }
                column += run.len();
            }
        }
        Some(Self { side: code.size + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture, drawn into squares.
    fn drawn(code: &QrCode) -> Vec<Vec<bool>> {
        let mut squares = vec![vec![false; code.side]; code.side];
        for line in code.path.split('z').filter(|line| !line.is_empty()) {
            let numbers: Vec<usize> = line
                .split(|character: char| !character.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let [x, y, length, 1, back] = numbers[..] else { panic!("{line}") };
            assert_eq!(length, back);
            squares[y][x..x + length].fill(true);
        }
        squares
    }

    #[test]
    fn the_picture_is_the_code_with_a_quiet_zone_around_it() {
        let content = "https://stagedoor.example/door?code=AZ8xLzQ2cXoAAAAAAAAAAG0hU0vC2kq0bWn3oFJ4uYw";
        let squares = drawn(&QrCode::of(content).unwrap());
        let code = QRBuilder::new(content).ecl(ECL::M).build().unwrap();
        assert_eq!(squares.len(), code.size + 2 * QUIET);
        for (y, row) in squares.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < code.size);
                let meant = inside(y).zip(inside(x)).is_some_and(|(y, x)| code[y][x].value());
                assert_eq!(*is_dark, meant, "{x} {y}");
            }
        }
    }

    #[test]
    fn what_is_too_long_for_a_code_has_none() {
        assert!(QrCode::of(&"x".repeat(3_000)).is_none());
    }
}
