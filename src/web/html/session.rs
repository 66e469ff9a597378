//! What a browser keeps: the session's key, the pre-session of somebody who has not logged in, the sentence shown once
//! after an act, the language; and the tokens that tell our own forms from foreign ones.
//!
//! The session cookie holds random bytes and a seal of this server. The database knows the hash of the random bytes as
//! a login session like those of the API, so that a logout, a new password or a lost role ends both at once.

use super::words::Lang;
use crate::keys::Key;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;

/// Seals what browsers bring back.
#[derive(Clone)]
pub struct Seals {
    key: Key,
    /// Cookies go over https only.
    secure: bool,
    /// Scheme and authority of the address seen from outside.
    home: String,
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seals(…)")
    }
}

/// What a seal is for; one is never good for another.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// A session or pre-session cookie.
    Cookie,
    /// A form.
    Form,
    /// A sentence.
    Flash,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Cookie => b"onedoor cookie\0",
            Self::Form => b"onedoor form\0",
            Self::Flash => b"onedoor flash\0",
        }
    }
}

/// Bytes of the random part of a cookie.
pub const RANDOM: usize = 32;

impl Seals {
    /// Seals of a server that signs with `token` and is reached at `public_url`.
    #[must_use]
    pub fn new(token: &Key, public_url: &str) -> Self {
        let mut key = Key::default();
        key.copy_from_slice(&tag(&**token, b"onedoor pages\0", &[]));
        let url = public_url.trim();
        Self { key, secure: url.starts_with("https://"), home: origin_of(url).to_ascii_lowercase() }
    }

    fn tag(&self, purpose: Purpose, text: &[u8]) -> [u8; 32] {
        tag(&*self.key, purpose.label(), text)
    }

    /// The value of a cookie with these random bytes.
    #[must_use]
    pub fn cookie(&self, random: &[u8; RANDOM]) -> String {
        format!("{}.{}", hex::encode(random), hex::encode(&self.tag(Purpose::Cookie, random)[..16]))
    }

    /// The random part of a cookie this server made, hexadecimal.
    #[must_use]
    pub fn opened(&self, cookie: &str) -> Option<String> {
        let (random, seal) = cookie.split_once('.')?;
        let bytes = hex::decode(random).ok().filter(|b| b.len() == RANDOM)?;
        let seal = hex::decode(seal).ok().filter(|s| s.len() == 16)?;
        same(&self.tag(Purpose::Cookie, &bytes)[..16], &seal).then(|| hex::encode(bytes))
    }

    /// A token for a form under a session: different on every page, so that compression does not betray it.
    #[must_use]
    pub fn form_token(&self, session: &str, pad: &[u8; 32]) -> String {
        let tag = self.tag(Purpose::Form, session.as_bytes());
        let masked: Vec<u8> = tag.iter().zip(pad).map(|(a, b)| a ^ b).collect();
        format!("{}{}", hex::encode(pad), hex::encode(masked))
    }

    /// Whether a form's token belongs to the session.
    #[must_use]
    pub fn is_form_token(&self, session: &str, token: &str) -> bool {
        let Ok(bytes) = hex::decode(token) else { return false };
        if bytes.len() != 64 {
            return false;
        }
        let given: Vec<u8> = bytes[..32].iter().zip(&bytes[32..]).map(|(a, b)| a ^ b).collect();
        same(&self.tag(Purpose::Form, session.as_bytes()), &given)
    }

    /// The cookie value that carries a sentence to the next page.
    #[must_use]
    pub fn flash(&self, text: &str) -> String {
        let tag = self.tag(Purpose::Flash, text.as_bytes());
        format!("{}.{}", URL_SAFE_NO_PAD.encode(text), hex::encode(&tag[..16]))
    }

    /// The sentence a cookie of this server carries.
    #[must_use]
    pub fn flashed(&self, cookie: &str) -> Option<String> {
        let (text, seal) = cookie.split_once('.')?;
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let seal = hex::decode(seal).ok()?;
        same(&self.tag(Purpose::Flash, text.as_bytes())[..16], &seal).then_some(text)
    }

    /// The name of a cookie. `__Host-` lets no other host of the domain set it; browsers take it over https only.
    #[must_use]
    pub fn name(&self, cookie: Cookie) -> String {
        let host = if self.secure { "__Host-" } else { "" };
        format!("{host}{}", cookie.word())
    }

    /// The header that sets a cookie; an empty value removes it.
    #[must_use]
    pub fn set(&self, cookie: Cookie, value: &str) -> (String, String) {
        let mut text = format!("{}={value}; Path=/; SameSite=Lax; HttpOnly", self.name(cookie));
        if self.secure {
            text.push_str("; Secure");
        }
        match cookie {
            _ if value.is_empty() => text.push_str("; Max-Age=0"),
            Cookie::Language => text.push_str("; Max-Age=31536000"),
            Cookie::Flash => text.push_str("; Max-Age=120"),
            // They go with the browser window; the server ends sessions by its own clock.
            Cookie::Session | Cookie::Before => {}
        }
        ("Set-Cookie".to_owned(), text)
    }

    /// Whether a form may come from where the browser says it comes from: from this server's own address, or from the
    /// host it was sent to. Plain http has no `Sec-Fetch-Site`, old browsers no `Origin` in some requests; the token of
    /// the form is asked for in any case.
    #[must_use]
    pub fn is_home(&self, origin: Option<&str>, host: &str, site: Option<&str>) -> bool {
        if site.is_some_and(|s| s != "same-origin" && s != "none") {
            return false;
        }
        let Some(origin) = origin else { return true };
        let origin = origin_of(origin).to_ascii_lowercase();
        let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
        origin == self.home || (!authority.is_empty() && authority.eq_ignore_ascii_case(host))
    }
}

/// A cookie of ours.
#[derive(Debug, Clone, Copy)]
pub enum Cookie {
    /// The session.
    Session,
    /// The pre-session of somebody who has not logged in.
    Before,
    /// A sentence for the next page.
    Flash,
    /// The language.
    Language,
}

impl Cookie {
    const fn word(self) -> &'static str {
        match self {
            Self::Session => "onedoor",
            Self::Before => "onedoor-before",
            Self::Flash => "onedoor-said",
            Self::Language => "onedoor-language",
        }
    }
}

fn tag(key: &[u8], label: &[u8], text: &[u8]) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(label);
        mac.update(text);
        mac.finalize().into_bytes().into()
    })
}

/// Compares without telling by its time where the difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// Scheme, host and port of an address.
fn origin_of(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    &url[..scheme.len() + 3 + end]
}

/// An address on this server to go on to: a path, never another host.
#[must_use]
pub fn local(next: &str) -> Option<&str> {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.bytes().all(|b| b.is_ascii_graphic());
    own.then_some(next)
}

/// A text as part of a query (RFC 3986: all but unreserved letters escaped).
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// The language a browser asks for.
#[must_use]
pub fn language(cookie: Option<&str>) -> Lang {
    cookie.and_then(Lang::parse).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn seals() -> Seals {
        Seals::new(&Zeroizing::new([7; 32]), "https://onedoor.example/")
    }

    #[test]
    fn a_cookie_opens_only_as_it_was_made() {
        let made = seals().cookie(&[1; RANDOM]);
        assert_eq!(seals().opened(&made), Some(hex::encode([1; RANDOM])));
        for wrong in ["", ".", "00.00", &made[1..], &made[..made.len() - 2], &made.replace("01", "02")] {
            assert_eq!(seals().opened(wrong), None, "{wrong}");
        }
        assert_eq!(Seals::new(&Zeroizing::new([8; 32]), "https://onedoor.example").opened(&made), None);
    }

    #[test]
    fn a_token_is_good_for_one_session_and_looks_different_each_time() {
        let (a, b) = (seals().form_token("x", &[1; 32]), seals().form_token("x", &[2; 32]));
        assert_ne!(a, b);
        assert_ne!(a[64..], b[64..]);
        assert!(seals().is_form_token("x", &a) && seals().is_form_token("x", &b));
        assert!(!seals().is_form_token("y", &a));
        assert!(!seals().is_form_token("x", &a[..126]));
        assert!(!seals().is_form_token("x", ""));
        assert!(!seals().is_form_token("x", &"0".repeat(128)));
    }

    #[test]
    fn a_sentence_is_ours_or_is_not_shown() {
        let made = seals().flash("已保存");
        assert_eq!(seals().flashed(&made).as_deref(), Some("已保存"));
        assert_eq!(seals().flashed(&made.replace('.', "A.")), None);
        // A form's seal is no sentence's seal.
        let tag = seals().tag(Purpose::Form, "已保存".as_bytes());
        let forged = format!("{}.{}", URL_SAFE_NO_PAD.encode("已保存"), hex::encode(&tag[..16]));
        assert_eq!(seals().flashed(&forged), None);
    }

    #[test]
    fn forms_come_from_home() {
        let s = seals();
        assert!(s.is_home(Some("https://onedoor.example"), "127.0.0.1:8750", None));
        assert!(s.is_home(Some("http://127.0.0.1:8750"), "127.0.0.1:8750", Some("same-origin")));
        assert!(s.is_home(None, "127.0.0.1:8750", None));
        assert!(!s.is_home(Some("null"), "127.0.0.1:8750", None));
        assert!(!s.is_home(Some("https://evil.example"), "onedoor.example", None));
        assert!(!s.is_home(Some("https://onedoor.example.evil.example"), "onedoor.example", None));
        assert!(!s.is_home(None, "onedoor.example", Some("cross-site")));
        assert!(!s.is_home(Some(""), "", None));
    }

    #[test]
    fn cookies_say_what_they_must() {
        let (_, set) = seals().set(Cookie::Session, "v");
        assert_eq!(set, "__Host-onedoor=v; Path=/; SameSite=Lax; HttpOnly; Secure");
        let plain = Seals::new(&Zeroizing::new([7; 32]), "http://10.0.0.1:8750");
        assert_eq!(plain.set(Cookie::Session, "v").1, "onedoor=v; Path=/; SameSite=Lax; HttpOnly");
        assert!(plain.set(Cookie::Session, "").1.ends_with("Max-Age=0"));
    }

    #[test]
    fn one_goes_on_within_the_house_only() {
        assert_eq!(local("/inspections?state=draft"), Some("/inspections?state=draft"));
        for foreign in
            ["", "inspections", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\n"]
        {
            assert_eq!(local(foreign), None, "{foreign}");
        }
        assert_eq!(encoded("a b&县"), "a%20b%26%E5%8E%BF");
    }
}
