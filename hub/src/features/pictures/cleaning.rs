//! What is taken as a picture, and how it is made anew.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Rgba, RgbaImage,
    guess_format, imageops,
};
use signaling::limits::{PICTURE_KEPT_BYTES_MAX, PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX};

/// Longer side and quality of what is tried until the bytes are few enough.
const TRIES: [(u32, u8); 4] =
    [(PICTURE_SIDE_MAX, 82), (PICTURE_SIDE_MAX, 65), (1_200, 65), (800, 60)];

/// A picture as it is kept: JPEG with nothing but its pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("this is no JPEG, PNG or WebP picture")]
    NotAPicture,
    #[error("a picture has at most {PICTURE_PIXELS_MAX} pixels")]
    TooManyPixels,
    #[error("this picture is broken or takes too much to read")]
    Unreadable,
}

impl Trouble {
    const ALL: [Self; 3] = [Self::NotAPicture, Self::TooManyPixels, Self::Unreadable];

    /// How a child says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::NotAPicture => "not_a_picture",
            Self::TooManyPixels => "too_many_pixels",
            Self::Unreadable => "unreadable",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.word() == word)
    }
}

impl From<ImageError> for Trouble {
    fn from(_: ImageError) -> Self {
        Self::Unreadable
    }
}

/// Makes a picture anew: turned as it is meant to be seen, no larger than what is kept.
pub(super) fn clean(sent: &[u8]) -> Result<Picture, Trouble> {
    let taken = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    let format = guess_format(sent).ok().filter(|format| taken.contains(format));
    let format = format.ok_or(Trouble::NotAPicture)?;
    let mut decoder = ImageReader::with_format(Cursor::new(sent), format).into_decoder()?;
    // The header alone was read so far.
    let (width, height) = decoder.dimensions();
    if u64::from(width).saturating_mul(u64::from(height)) > PICTURE_PIXELS_MAX {
        return Err(Trouble::TooManyPixels);
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder)?;
    for (side, quality) in TRIES {
        let picture = written(&decoded, turned, (side, quality))?;
        if picture.bytes.len() <= PICTURE_KEPT_BYTES_MAX {
            return Ok(picture);
        }
    }
    Err(Trouble::Unreadable)
}

fn written(
    decoded: &DynamicImage,
    turned: Orientation,
    (side, quality): (u32, u8),
) -> Result<Picture, Trouble> {
    let larger = decoded.width().max(decoded.height()) > side;
    let mut sized = if larger { decoded.thumbnail(side, side) } else { decoded.clone() };
    sized.apply_orientation(turned);
    Picture::of(&sized, quality)
}

impl Picture {
    /// Writes pixels as they are kept; what can be seen through lies on white.
    pub fn of(image: &DynamicImage, quality: u8) -> Result<Self, Trouble> {
        let (width, height) = (image.width(), image.height());
        let mut paper = RgbaImage::from_pixel(width, height, Rgba([u8::MAX; 4]));
        imageops::overlay(&mut paper, &image.to_rgba8(), 0, 0);
        let flat = DynamicImage::from(paper).to_rgb8();
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&flat)?;
        Ok(Self { width, height, bytes })
    }
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    /// A picture with its upper half dark, as a file of this kind.
    fn file(format: ImageFormat, (width, height): (u32, u32)) -> Vec<u8> {
        let dark = |y| if y < height / 2 { [10, 10, 10] } else { [240, 240, 240] };
        let image = RgbImage::from_fn(width, height, |_, y| image::Rgb(dark(y)));
        let mut out = Cursor::new(Vec::new());
        DynamicImage::from(image).write_to(&mut out, format).expect("written");
        out.into_inner()
    }

    /// A JPEG whose first segment after its beginning is `app1`.
    fn with_app1(jpeg: &[u8], app1: &[u8]) -> Vec<u8> {
        let length = u16::try_from(app1.len() + 2).expect("short").to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, app1, &jpeg[2..]].concat()
    }

    /// EXIF that says "turn by 90 degrees" and names a place.
    fn exif() -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
        exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 31.2304N 121.4737E");
        exif
    }

    fn found(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn the_three_kinds_are_taken_whatever_they_are_called_and_come_out_as_jpeg() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let picture = clean(&file(format, (40, 20))).expect("taken");
            assert_eq!((picture.width, picture.height), (40, 20), "{format:?}");
            assert_eq!(guess_format(&picture.bytes).ok(), Some(ImageFormat::Jpeg));
        }
    }

    #[test]
    fn what_is_no_picture_or_of_another_kind_is_refused() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";
        for sent in [&b""[..], b"GIF89a\x01\0\x01\0\0\0\0;", svg, b"%PDF-1.7", b"PK\x03\x04"] {
            assert_eq!(clean(sent), Err(Trouble::NotAPicture));
        }
        let cut = &file(ImageFormat::Png, (40, 20))[..60];
        assert_eq!(clean(cut), Err(Trouble::Unreadable));
    }

    #[test]
    fn where_it_was_taken_is_gone_and_it_is_turned_as_it_was_meant() {
        let sent = with_app1(&file(ImageFormat::Jpeg, (40, 20)), &exif());
        assert!(found(&sent, b"GPS 31.2304N"));
        let picture = clean(&sent).expect("taken");
        for gone in [&b"GPS"[..], b"31.2304N", b"Exif"] {
            assert!(!found(&picture.bytes, gone));
        }
        assert_eq!((picture.width, picture.height), (20, 40), "a quarter turn");
        let seen = image::load_from_memory(&picture.bytes).expect("a picture").to_rgb8();
        assert!(seen.get_pixel(17, 20)[0] < 60 && seen.get_pixel(2, 20)[0] > 200, "clockwise");
    }

    #[test]
    fn a_file_that_is_two_things_comes_out_as_one() {
        let page = b"<script>alert(1)</script>PK\x05\x06";
        let sent = [file(ImageFormat::Png, (40, 20)), page.to_vec()].concat();
        let picture = clean(&sent).expect("a picture");
        assert!(!found(&picture.bytes, b"<script>") && !found(&picture.bytes, b"PK"));
    }

    #[test]
    fn a_large_picture_is_made_smaller_and_one_of_noise_fits_too() {
        let picture = clean(&file(ImageFormat::Png, (3_200, 100))).expect("taken");
        assert_eq!((picture.width, picture.height), (1_600, 50));
        let mut state = 1_u32;
        let noise = RgbImage::from_fn(1_600, 1_600, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [red, green, blue, _] = state.to_be_bytes();
            image::Rgb([red, green, blue])
        });
        let mut out = Cursor::new(Vec::new());
        DynamicImage::from(noise).write_to(&mut out, ImageFormat::Png).expect("written");
        let picture = clean(out.get_ref()).expect("taken");
        assert!(picture.bytes.len() <= PICTURE_KEPT_BYTES_MAX);
    }
}
