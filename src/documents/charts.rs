//! Charts as pictures that stand alone: SVG with texts in it, for a page, a printed paper or a presentation. Pure: equal
//! figures make equal bytes. The pictures of the report (`documents::report`) keep their texts in the page instead.

use crate::domain::feed::escape;
use std::fmt::Write as _;

/// Fonts with Chinese letters, on Windows, Linux and macOS, then whatever there is.
const FONTS: &str = "'Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','WenQuanYi Micro Hei',SimHei,sans-serif";
/// Width of a picture.
const WIDTH: i64 = 960;
/// Colours of the series, told apart in grey and by the colour-blind too.
const COLORS: [&str; 4] = ["#1f5a94", "#d9822b", "#5b8c5a", "#8a4f7d"];
/// Rows of a bar chart; what is left over is named below the picture.
const MOST_BARS: usize = 40;

/// What the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole numbers.
    Count,
    /// Basis points, shown as percent.
    Rate,
}

impl Unit {
    fn show(self, value: i64) -> String {
        match self {
            Self::Count => value.to_string(),
            Self::Rate => crate::domain::figures::percent(Some(value)),
        }
    }
}

/// A named row of figures; none where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Name.
    pub name: String,
    /// One for each label.
    pub values: Vec<Option<i64>>,
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Title.
    pub title: String,
    /// The second line: the period, whose figures.
    pub subtitle: String,
    /// What the figures are.
    pub unit: Unit,
    /// Names of the rows (bars) or of the points (lines).
    pub labels: Vec<String>,
    /// The figures.
    pub series: Vec<Series>,
}

/// A label as wide as `letters` Chinese letters at most; a Latin one counts half.
fn shortened(text: &str, letters: usize) -> String {
    let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
    let all: usize = text.chars().map(wide).sum();
    if all <= letters * 2 {
        return text.to_owned();
    }
    let mut left = letters * 2 - 2;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            let fits = left.checked_sub(wide(*c));
            left = fits.unwrap_or(0);
            fits.is_some()
        })
        .collect();
    out.push('…');
    out
}

/// The end of an axis and the step of its lines: 1, 2 or 5 times a power of ten, at most six steps; rates end at 100 % at
/// most.
fn axis(most: i64, unit: Unit) -> (i64, i64) {
    if unit == Unit::Rate && most > 5_000 {
        return (most.max(10_000), 2_000);
    }
    let mut step = 1_i64;
    for n in 0.. {
        step = [1, 2, 5][n % 3] * 10_i64.saturating_pow(u32::try_from(n / 3).unwrap_or(18));
        if most <= step.saturating_mul(5) || step > i64::MAX / 50 {
            break;
        }
    }
    let steps = (most.max(1) + step - 1) / step;
    (steps * step, step)
}

fn scaled(value: i64, end: i64, length: i64) -> i64 {
    let (value, end) = (i128::from(value.max(0)), i128::from(end.max(1)));
    i64::try_from(value * i128::from(length) / end).unwrap_or(length).min(length)
}

struct Picture {
    height: i64,
    inside: String,
}

impl Picture {
    fn text(&mut self, x: i64, y: i64, size: i64, anchor: &str, fill: &str, text: &str) {
        let _ = write!(
            self.inside,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{fill}\">{}</text>",
            escape(text)
        );
    }

    fn line(&mut self, from: (i64, i64), to: (i64, i64), stroke: &str) {
        let _ = write!(
            self.inside,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{stroke}\"/>",
            from.0, from.1, to.0, to.1
        );
    }

    fn head(&mut self, chart: &Chart) {
        self.text(24, 36, 22, "start", "#1a1a1a", &shortened(&chart.title, 40));
        self.text(24, 60, 14, "start", "#595959", &shortened(&chart.subtitle, 62));
        if chart.series.len() > 1 {
            let mut x = 24;
            for (series, color) in chart.series.iter().zip(COLORS) {
                let name = shortened(&series.name, 12);
                let _ = write!(
                    self.inside,
                    "<rect x=\"{x}\" y=\"72\" width=\"12\" height=\"12\" fill=\"{color}\"/>"
                );
                self.text(x + 18, 83, 13, "start", "#1a1a1a", &name);
                x += 40 + 14 * i64::try_from(name.chars().count()).unwrap_or(12);
            }
        }
    }

    fn finish(self, chart: &Chart) -> String {
        // What is read aloud: every figure.
        let mut spoken = format!("{}。{}。", chart.title, chart.subtitle);
        for (i, label) in chart.labels.iter().enumerate() {
            let values: Vec<String> = chart
                .series
                .iter()
                .map(|s| {
                    let value = s
                        .values
                        .get(i)
                        .copied()
                        .flatten()
                        .map_or_else(|| "—".to_owned(), |v| chart.unit.show(v));
                    if chart.series.len() > 1 { format!("{}{value}", s.name) } else { value }
                })
                .collect();
            let _ = write!(spoken, "{label}:{};", values.join(","));
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" \
             height=\"{h}\" viewBox=\"0 0 {WIDTH} {h}\" role=\"img\" lang=\"zh-CN\" font-family=\"{FONTS}\">\
             <title>{title}</title><desc>{desc}</desc><rect width=\"{WIDTH}\" height=\"{h}\" fill=\"#ffffff\"/>{inside}</svg>\n",
            h = self.height,
            title = escape(&chart.title),
            desc = escape(&spoken),
            inside = self.inside,
        )
    }
}

fn largest(chart: &Chart) -> i64 {
    chart.series.iter().flat_map(|s| s.values.iter().flatten()).copied().max().unwrap_or(0)
}

/// Lying bars, one row for each label, the figure at the end of each bar.
#[must_use]
pub fn bars(chart: &Chart) -> String {
    let (left, right, top) = (220, 110, 104);
    let series = i64::try_from(chart.series.len().clamp(1, COLORS.len())).unwrap_or(1);
    let row = 14 + 16 * series;
    let shown = chart.labels.len().min(MOST_BARS);
    let rows = i64::try_from(shown).unwrap_or(0);
    let bottom = top + rows * row;
    let mut p = Picture { height: bottom + 48, inside: String::new() };
    p.head(chart);
    let (end, step) = axis(largest(chart), chart.unit);
    let length = WIDTH - left - right;
    let mut at = 0;
    while at <= end && shown > 0 {
        let x = left + scaled(at, end, length);
        p.line((x, top), (x, bottom), "#e0e0e0");
        p.text(x, bottom + 18, 12, "middle", "#595959", &chart.unit.show(at));
        at += step;
    }
    for (i, label) in chart.labels.iter().take(shown).enumerate() {
        let y = top + row * i64::try_from(i).unwrap_or(0);
        p.text(left - 10, y + row / 2 + 5, 14, "end", "#1a1a1a", &shortened(label, 13));
        for ((n, s), color) in (0_i64..).zip(&chart.series).zip(COLORS) {
            let y = y + 7 + 16 * n;
            match s.values.get(i).copied().flatten() {
                Some(value) => {
                    let wide = scaled(value, end, length);
                    let _ = write!(
                        p.inside,
                        "<rect x=\"{left}\" y=\"{y}\" width=\"{wide}\" height=\"14\" fill=\"{color}\"/>"
                    );
                    p.text(left + wide + 6, y + 12, 12, "start", "#1a1a1a", &chart.unit.show(value));
                }
                None => p.text(left + 6, y + 12, 12, "start", "#8c8c8c", "—"),
            }
        }
    }
    if shown == 0 {
        p.text(24, top + 16, 14, "start", "#595959", "没有数据");
    } else if shown < chart.labels.len() {
        let rest = format!("另有{}行未画出,见数据表", chart.labels.len() - shown);
        p.text(24, bottom + 38, 12, "start", "#595959", &rest);
    }
    p.finish(chart)
}

/// Lines over time, a point for each label; where there is no figure the line has a gap.
#[must_use]
pub fn lines(chart: &Chart) -> String {
    let (left, right, top, tall) = (76, 40, 112, 300);
    let bottom = top + tall;
    let mut p = Picture { height: bottom + 60, inside: String::new() };
    p.head(chart);
    let points = i64::try_from(chart.labels.len()).unwrap_or(0);
    if points == 0 {
        p.text(24, top + 16, 14, "start", "#595959", "没有数据");
        return p.finish(chart);
    }
    let (end, step) = axis(largest(chart), chart.unit);
    let length = WIDTH - left - right;
    let mut at = 0;
    while at <= end {
        let y = bottom - scaled(at, end, tall);
        p.line((left, y), (WIDTH - right, y), "#e0e0e0");
        p.text(left - 8, y + 4, 12, "end", "#595959", &chart.unit.show(at));
        at += step;
    }
    let x_of = |i: i64| if points == 1 { left + length / 2 } else { left + i * length / (points - 1) };
    // Labels that do not touch each other: about 80 units each.
    let every = (points * 80 / length + 1).max(1);
    for (i, label) in (0_i64..).zip(&chart.labels) {
        if i % every == 0 {
            p.text(x_of(i), bottom + 22, 12, "middle", "#595959", &shortened(label, 6));
        }
    }
    for (series, color) in chart.series.iter().zip(COLORS) {
        let mut path = String::new();
        let mut dots = String::new();
        let mut drawing = false;
        for (i, value) in (0_i64..).zip(series.values.iter().take(chart.labels.len())) {
            let Some(value) = value else {
                drawing = false;
                continue;
            };
            let (x, y) = (x_of(i), bottom - scaled(*value, end, tall));
            let _ = write!(path, "{}{x} {y}", if drawing { 'L' } else { 'M' });
            let _ = write!(dots, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{color}\"/>");
            drawing = true;
        }
        if !path.is_empty() {
            let _ = write!(
                p.inside,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>{dots}"
            );
        }
    }
    p.finish(chart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chart(labels: &[&str], values: &[Option<i64>], unit: Unit) -> Chart {
        Chart {
            title: "联合检查实施率".to_owned(),
            subtitle: "2026年".to_owned(),
            unit,
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
            series: vec![Series { name: "联合率".to_owned(), values: values.to_vec() }],
        }
    }

    /// Tags that open and close in order, and no bare ampersand: well formed enough to be drawn.
    fn well_formed(svg: &str) {
        let body = svg.split_once("?>").unwrap().1;
        let mut open: Vec<&str> = Vec::new();
        let mut rest = body;
        while let Some(at) = rest.find('<') {
            let text = &rest[..at];
            assert!(!text.contains('>'), "{text}");
            for part in text.split('&').skip(1) {
                assert!(
                    ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| part.starts_with(e)),
                    "{text}"
                );
            }
            let end = rest[at..].find('>').unwrap() + at;
            let tag = &rest[at + 1..end];
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn bars_say_every_name_and_figure_and_escape_them() {
        let svg = bars(&chart(&["市场<监管>局&Co", "消防"], &[Some(3333), None], Unit::Rate));
        well_formed(&svg);
        assert!(svg.contains(">市场&lt;监管&gt;局&amp;Co</text>"), "{svg}");
        assert!(svg.contains(">33.33%</text>") && svg.contains(">—</text>"));
        assert!(svg.contains("Microsoft YaHei"));
        // A third of the axis, which ends at 40 %.
        let wide = scaled(3333, 4000, WIDTH - 330);
        assert!(svg.contains(&format!("width=\"{wide}\" height=\"14\"")), "{svg}");
    }

    #[test]
    fn a_line_has_a_gap_where_there_is_no_figure() {
        let svg =
            lines(&chart(&["1月", "2月", "3月", "4月"], &[Some(1), None, Some(3), Some(5)], Unit::Count));
        well_formed(&svg);
        let path = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 1), "{path}");
        assert_eq!(svg.matches("<circle").count(), 3);
        for month in ["1月", "2月", "3月", "4月"] {
            assert!(svg.contains(&format!(">{month}</text>")));
        }
    }

    #[test]
    fn without_figures_it_says_so() {
        for svg in [bars(&chart(&[], &[], Unit::Count)), lines(&chart(&[], &[], Unit::Count))] {
            well_formed(&svg);
            assert!(svg.contains("没有数据"));
        }
        assert_eq!(shortened("示范县市场监督管理局", 6), "示范县市场…");
        assert_eq!(shortened("abc", 2), "abc");
    }

    proptest! {
        #[test]
        fn the_axis_holds_every_value_in_few_steps(most in 0_i64..1_000_000_000_000) {
            let (end, step) = axis(most, Unit::Count);
            prop_assert!(end >= most && end > 0);
            prop_assert!(end % step == 0 && end / step <= 6);
            prop_assert!(end <= most.max(1) * 2);
        }

        #[test]
        fn any_figures_and_names_make_a_picture(
            names in proptest::collection::vec("\\PC{0,12}", 0..60), seed in any::<u32>()
        ) {
            let values: Vec<Option<i64>> =
                (0..names.len()).map(|i| (i % 4 != 0).then_some(i64::from(seed) * i64::try_from(i).unwrap())).collect();
            let labels: Vec<&str> = names.iter().map(String::as_str).collect();
            let chart = chart(&labels, &values, Unit::Count);
            well_formed(&bars(&chart));
            well_formed(&lines(&chart));
            prop_assert_eq!(bars(&chart), bars(&chart));
        }
    }
}
