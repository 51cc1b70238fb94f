//! Finding personal data in text: how fast beside a plain read of the same memory and beside Presidio, in how much memory, and how much is
//! found where there is nothing.
//!
//! `scripts/bench-detect` installs Presidio and runs it; without it, `cargo bench --bench detect` measures gallra alone. `-- --quick` takes a
//! sixteenth of the text, `-- --rounds 5` repeats. The texts are made from the notes for tuning, which are marked by hand, and from sentences
//! below; they are the same on every machine. Of all rounds the best counts. `processor` is the time that one core worked (Linux alone tells),
//! `clock` the time that passed: on a machine that does something else besides, the two part.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gallra::detect::{Country, Kind, Kinds, Scanner, Workspace};

type Failure = Box<dyn std::error::Error>;

/// Bytes of a text that has rows.
const TEXT: usize = 64 << 20;
/// Bytes of the row without a space.
const ONE_ROW: usize = 100_000_000;
/// Bytes of what Presidio is asked about.
const SAMPLE: usize = 1 << 20;
/// Bytes that hold one identifier in dense notes.
const PER_IDENTIFIER: usize = 100;
/// Rows that a thread takes at a time.
const AT_A_TIME: usize = 256;
/// What `gallra scan` finds where nothing is said.
const SURE: f32 = 0.5;

/// Nobody's data, a few digits and capitals, in the languages of the notes.
const FILLERS: [&str; 16] = [
    "Kunden vill ha en ny offert på gräsklipparen före midsommar, helst med leverans till dörren.",
    "Leveransen blev försenad igen på grund av halka, så vi bjuder på frakten den här gången.",
    "Det regnade in genom taket under natten och golvet i förrådet måste torkas innan vi målar.",
    "Vi bytte packningen och pumpen går tyst nu, men trycket är fortfarande lite lågt på övervåningen.",
    "Varen blev sendt retur i den originale emballage, og pengene er på vej tilbage til kontoen.",
    "Der mangler stadig to skruer i pakken, og vejledningen er kun på tysk, så vi sender en ny.",
    "Taket ble lagt om i fjor høst, men det drypper fortsatt langs pipa når vinden står fra vest.",
    "Vi venter på deler fra leverandøren og gir beskjed så snart de er kommet inn på lageret.",
    "Ho ynskjer å flytte timen til neste veke, for bilen står på verkstad og bussen går så sjeldan.",
    "Tilaus on myöhässä, koska varasto oli kiinni koko viikon, mutta lähetämme sen heti maanantaina.",
    "Asiakas toivoo että kuljetus soittaa ennen tuloa, sillä portti on lukossa ja koira on irti pihalla.",
    "Pöntunin barst of seint og kassinn var rennblautur, en vörurnar sluppu sem betur fer óskemmdar.",
    "The parcel came back because nobody was at home, so we will try once more after the weekend.",
    "Please keep the old price for this quarter, the increase was announced much later than agreed.",
    "Reklamationen avser tre stolar med repor på ryggen, bilder finns bifogade längst ned i ärendet.",
    "Møtet ble flyttet til det store rommet i andre etasje, kaffe og frukt er bestilt til klokka ti.",
];

/// Counts what is asked of the system's allocator.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: the system's allocator, and a number beside it.
#[expect(unsafe_code, reason = "an allocator can not be written otherwise")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|argument| argument == "first") {
        return first_scan();
    }
    let scale = if arguments.iter().any(|argument| argument == "--quick") { 16 } else { 1 };
    let rounds: usize =
        arguments.iter().position(|argument| argument == "--rounds").and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(3);
    let cores = std::thread::available_parallelism()?.get();
    say(&format!("{cores} cores, {rounds} rounds, the best of each; load {}", load()));
    say_first_scan()?;

    let notes = notes()?;
    let dense = Text::dense(&notes, TEXT / scale);
    say(&format!(
        "notes: {} rows, {:.0} MB, an identifier per {:.0} bytes",
        dense.rows.len(),
        dense.bytes.len() as f64 / 1e6,
        dense.bytes.len() as f64 / dense.marked as f64
    ));
    let everything = Scanner::new(&Country::ALL);
    let nameless = Scanner::new(&Country::ALL).of_kinds(but_names().into_iter().collect());
    say(&format!(
        "\n{:<28}{:>14}{:>14}{:>14}{:>12}{:>14}{:>14}{:>12}",
        "GB/s", "read (proc.)", "processor", "clock", "× read", "all: read", "all: clock", "allocations"
    ));
    let sparse = Text::sparse(&notes, TEXT / scale);
    let one_row = Text::one_row(&dense, ONE_ROW / scale);
    let noise = Text::noise(TEXT / 2 / scale);
    let notes_speed = measure("dense notes", &dense, &everything, rounds, cores);
    let speeds = [
        measure("dense notes without names", &dense, &nameless, rounds, cores),
        measure("sparse text", &sparse, &everything, rounds, cores),
        measure("sparse text without names", &sparse, &nameless, rounds, cores),
    ];
    measure("one row without a space", &one_row, &everything, rounds, 1);
    measure("random bytes", &noise, &everything, rounds, cores);
    drop((sparse, one_row, noise));
    end_to_end(&dense, rounds, cores)?;
    beside_presidio(&notes, &everything, &notes_speed)?;
    say(&format!("\nload at the end {}", load()));
    // A row with hundreds of candidates may need a tree; rows of notes never do.
    match [notes_speed.allocations].into_iter().chain(speeds.iter().map(|speed| speed.allocations)).max() {
        Some(0) => Ok(()),
        some => Err(format!("rows of notes were scanned with {} allocations after warm-up", some.unwrap_or_default()).into()),
    }
}

/// A note for tuning, without its marks.
struct Note {
    language: String,
    text: String,
    /// The kinds that are marked in it, by name.
    marked: Vec<String>,
}

fn notes() -> Result<Vec<Note>, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notes/tuning");
    let mut files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    let mut notes = Vec::new();
    for file in files {
        for line in fs::read_to_string(file)?.lines() {
            let note: serde_json::Value = serde_json::from_str(line)?;
            let field = |name: &str| note.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let (mut text, mut marked, written) = (String::new(), Vec::new(), field("text"));
            let mut pieces = written.split(['⟦', '⟧']);
            while let Some(between) = pieces.next() {
                text.push_str(between);
                let Some((kind, value)) = pieces.next().and_then(|mark| mark.split_once(':')) else { break };
                text.push_str(value);
                marked.push(kind.to_owned());
            }
            notes.push(Note { language: field("language"), text, marked });
        }
    }
    Ok(notes)
}

/// Always the same numbers (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[(self.next() >> 33) as usize % of.len()]
    }
}

/// Rows, one behind the other.
#[derive(Default)]
struct Text {
    bytes: String,
    rows: Vec<Range<usize>>,
    languages: Vec<String>,
    /// Identifiers that are marked, by kind and in all.
    kinds: BTreeMap<String, u64>,
    marked: usize,
}

impl Text {
    fn rows(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| &self.bytes[row.clone()])
    }

    /// Notes in any order, with sentences about nobody behind them as long as there are too many identifiers.
    fn dense(notes: &[Note], size: usize) -> Self {
        let (mut text, mut numbers) = (Self::default(), Numbers(1));
        while text.bytes.len() < size {
            let note = numbers.one_of(notes);
            let start = text.bytes.len();
            text.bytes.push_str(&note.text);
            text.marked += note.marked.len();
            for kind in &note.marked {
                *text.kinds.entry(kind.clone()).or_default() += 1;
            }
            if text.bytes.len() < text.marked * PER_IDENTIFIER {
                text.bytes.push(' ');
                text.bytes += *numbers.one_of::<&str>(&FILLERS);
            }
            text.rows.push(start..text.bytes.len());
            text.languages.push(note.language.clone());
        }
        text
    }

    /// Notes about nobody in lower case without digits, and sentences, which begin with a capital.
    fn sparse(notes: &[Note], size: usize) -> Self {
        let (mut text, mut numbers) = (Self::default(), Numbers(2));
        let nobody: Vec<String> = notes
            .iter()
            .filter(|note| note.marked.is_empty())
            .map(|note| note.text.to_lowercase().chars().filter(|character| !character.is_ascii_digit()).collect())
            .collect();
        while text.bytes.len() < size {
            let start = text.bytes.len();
            text.bytes += *numbers.one_of::<&str>(&FILLERS);
            text.bytes.push(' ');
            text.bytes += numbers.one_of::<String>(&nobody);
            text.rows.push(start..text.bytes.len());
        }
        text
    }

    /// Notes in one row, with nothing between their words.
    fn one_row(notes: &Text, size: usize) -> Self {
        let mut bytes = String::with_capacity(size + 4);
        let mut characters = notes.bytes.chars().filter(|character| !character.is_whitespace()).cycle();
        while bytes.len() < size {
            bytes.extend(characters.next());
        }
        Self { rows: std::iter::once(0..bytes.len()).collect(), bytes, ..Self::default() }
    }

    /// Random bytes, as whatever reads them for text has them.
    fn noise(size: usize) -> Self {
        let (mut text, mut numbers) = (Self::default(), Numbers(3));
        while text.bytes.len() < size {
            let start = text.bytes.len();
            let bytes: Vec<u8> = (0..128).flat_map(|_| numbers.next().to_le_bytes()).collect();
            text.bytes.push_str(&String::from_utf8_lossy(&bytes));
            text.rows.push(start..text.bytes.len());
        }
        text
    }
}

fn but_names() -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| *kind != Kind::Name).collect()
}

/// The sum of all bytes, eight at a time.
fn read(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| sum.wrapping_add(u64::from(*byte)))
}

fn scan<'t>(rows: impl Iterator<Item = &'t str>, scanner: &Scanner, workspace: &mut Workspace) -> usize {
    rows.map(|row| scanner.scan_with(row, workspace).len()).sum()
}

/// What one thread worked, where the system tells.
fn processor() -> Option<Duration> {
    // It adds up when a thread gives its processor away.
    std::thread::yield_now();
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
}

/// Best times of some rounds: of the processor, by the clock.
fn best(rounds: usize, mut work: impl FnMut()) -> (Option<f64>, f64) {
    let (mut worked, mut passed) = (None, f64::MAX);
    for _ in 0..rounds {
        let (before, started) = (processor(), Instant::now());
        work();
        passed = passed.min(started.elapsed().as_secs_f64());
        let now = processor().zip(before).map(|(after, before)| (after - before).as_secs_f64()).filter(|seconds| *seconds > 0.0);
        worked = worked.into_iter().chain(now).reduce(f64::min);
    }
    (worked, passed)
}

/// On all cores: `work` for each piece.
fn on_all(cores: usize, pieces: usize, work: impl Fn(usize, &mut Workspace) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut workspace = Workspace::default();
                loop {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    if piece >= pieces {
                        return;
                    }
                    work(piece, &mut workspace);
                }
            });
        }
    });
}

/// What was measured on one text, in bytes per second of one core.
struct Speed {
    one_core: f64,
    allocations: u64,
}

fn measure(name: &str, text: &Text, scanner: &Scanner, rounds: usize, cores: usize) -> Speed {
    let mut workspace = Workspace::default();
    scan(text.rows(), scanner, &mut workspace);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    black_box(scan(text.rows(), scanner, &mut workspace));
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;

    let rate = |seconds: f64| text.bytes.len() as f64 / seconds / 1e9;
    let shown = |seconds: Option<f64>| seconds.map_or("-".to_owned(), |seconds| format!("{:.3}", rate(seconds)));
    let (read_worked, read_passed) = best(rounds, || _ = black_box(read(black_box(text.bytes.as_bytes()))));
    let (worked, passed) = best(rounds, || _ = black_box(scan(text.rows(), scanner, &mut workspace)));
    let share = worked.unwrap_or(passed) / read_worked.unwrap_or(read_passed);
    let (mut all_read, mut all) = ("-".to_owned(), "-".to_owned());
    if cores > 1 {
        let blocks: Vec<&[u8]> = text.bytes.as_bytes().chunks(1 << 20).collect();
        all_read = shown(Some(best(rounds, || on_all(cores, blocks.len(), |piece, _| _ = black_box(read(black_box(blocks[piece]))))).1));
        let pieces: Vec<&[Range<usize>]> = text.rows.chunks(AT_A_TIME).collect();
        let piece = |piece: usize, workspace: &mut Workspace| {
            black_box(scan(pieces[piece].iter().map(|row| &text.bytes[row.clone()]), scanner, workspace));
        };
        all = shown(Some(best(rounds, || on_all(cores, pieces.len(), piece)).1));
    }
    say(&format!(
        "{name:<28}{:>14}{:>14}{:>14}{:>12}{all_read:>14}{all:>14}{:>12}",
        shown(read_worked.or(Some(read_passed))),
        shown(worked),
        shown(Some(passed)),
        format!("1/{share:.0}"),
        format!("{:.3}/row", allocations as f64 / text.rows.len() as f64),
    ));
    Speed { one_core: text.bytes.len() as f64 / worked.unwrap_or(passed), allocations }
}

/// In a process of its own: what the first scan takes, which reads the tables of words, and what it leaves in memory.
fn first_scan() -> Result<(), Failure> {
    let (scanner, mut workspace) = (Scanner::new(&Country::ALL), Workspace::default());
    let (memory, started) = (status("self", "VmRSS:"), Instant::now());
    scanner.scan_with("Ring Anna Lindqvist", &mut workspace);
    let first = started.elapsed();
    let started = Instant::now();
    scanner.scan_with("Ring Anna Lindqvist", &mut workspace);
    let second = started.elapsed();
    say(&format!("{} {} {}", (first - second.min(first)).as_secs_f64(), memory, status("self", "VmRSS:")));
    Ok(())
}

fn say_first_scan() -> Result<(), Failure> {
    let mut taken: Vec<Vec<f64>> = Vec::new();
    for _ in 0..5 {
        let output = Command::new(std::env::current_exe()?).arg("first").output()?;
        taken.push(String::from_utf8(output.stdout)?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?);
    }
    taken.sort_by(|a, b| a[0].total_cmp(&b[0]));
    if let Some([seconds, before, after]) = taken.first().map(Vec::as_slice) {
        say(&format!("tables of words: read in {:.1} ms; resident {before:.1} MB before and {after:.1} MB after", seconds * 1e3));
    }
    Ok(())
}

/// `gallra scan` over JSON lines, answers thrown away.
fn end_to_end(dense: &Text, rounds: usize, cores: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notes.jsonl");
    let mut file = BufWriter::new(File::create(&path)?);
    for (id, row) in dense.rows().enumerate() {
        writeln!(file, "{{\"id\":{id},\"text\":{}}}", serde_json::to_string(row)?)?;
    }
    file.into_inner()?.sync_all()?;
    let size = fs::metadata(&path)?.len() as f64;
    say(&format!("\n`gallra scan` over the dense notes as {:.0} MB of JSON lines, by the clock", size / 1e6));
    let names = but_names().iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",");
    let mut threads = vec![1, cores];
    threads.dedup();
    for (name, kinds) in [("everything", None), ("without names", Some(names))] {
        for threads in &threads {
            let (mut seconds, mut peak) = (f64::MAX, 0.0_f64);
            for _ in 0..rounds {
                let mut command = Command::new(env!("CARGO_BIN_EXE_gallra"));
                command.arg("scan").arg("--jsonl").arg(&path).env("RAYON_NUM_THREADS", threads.to_string());
                if let Some(kinds) = &kinds {
                    command.arg("--kinds").arg(kinds);
                }
                let started = Instant::now();
                let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
                let status = loop {
                    peak = peak.max(self::status(&child.id().to_string(), "VmHWM:"));
                    if let Some(status) = child.try_wait()? {
                        break status;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                };
                if !status.success() {
                    return Err(format!("`gallra scan` ended with {status}").into());
                }
                seconds = seconds.min(started.elapsed().as_secs_f64());
            }
            let scanning = if *threads == 1 { "1 scanning thread ".to_owned() } else { format!("{threads} scanning threads") };
            say(&format!("{name:<28}{scanning:<20}{:>8.3} GB/s{peak:>8.0} MB at most", size / seconds / 1e9));
        }
    }
    Ok(())
}

/// The same rows, and the notes in which there is nothing, by Presidio.
fn beside_presidio(notes: &[Note], everything: &Scanner, notes_speed: &Speed) -> Result<(), Failure> {
    let Some(rivals) = std::env::var_os("GALLRA_RIVALS") else {
        say("\nPresidio is installed by `scripts/bench-detect`; run that to see it beside gallra");
        return Ok(());
    };
    let sample = Text::dense(notes, SAMPLE);
    let folder = tempfile::tempdir()?;
    let (rows, negatives) = (folder.path().join("rows.jsonl"), folder.path().join("negatives.jsonl"));
    let line = |file: &mut BufWriter<File>, language: &str, text: &str| {
        writeln!(file, "{{\"language\":{},\"text\":{}}}", serde_json::json!(language), serde_json::json!(text))
    };
    let mut file = BufWriter::new(File::create(&rows)?);
    for (row, language) in sample.rows().zip(&sample.languages) {
        line(&mut file, language, row)?;
    }
    file.flush()?;
    let nobody: Vec<&Note> = notes.iter().filter(|note| note.marked.is_empty()).collect();
    let mut file = BufWriter::new(File::create(&negatives)?);
    for note in &nobody {
        line(&mut file, &note.language, &note.text)?;
    }
    file.flush()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rivals/presidio.py");
    let output =
        Command::new(Path::new(&rivals).join("bin/python")).arg(script).arg(&rows).arg(&negatives).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("presidio.py ended with {}", output.status).into());
    }
    let told = String::from_utf8(output.stdout)?;
    let told: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();

    say(&format!(
        "\nPresidio's pattern recognisers over {} rows of dense notes, {:.1} MB",
        sample.rows.len(),
        sample.bytes.len() as f64 / 1e6
    ));
    for line in &told {
        if let ["time", engine, seconds, bytes, megabytes] = line.as_slice() {
            let rate = bytes.parse::<f64>()? / seconds.parse::<f64>()?;
            say(&format!(
                "{engine:<28}{:>8.4} MB/s, {:.0} MB at most; gallra on one core with every kind {:.1} MB/s, {:.0} times as fast",
                rate / 1e6,
                megabytes.parse::<f64>()?,
                notes_speed.one_core / 1e6,
                notes_speed.one_core / rate,
            ));
        }
    }
    // Presidio counts a text's findings of all scores; those it is sure of stand behind.
    let (mut workspace, replaced) = (Workspace::default(), everything.clone().of_kinds(Kinds::replaced()).at_least(SURE));
    let mut own: BTreeMap<&str, u64> = BTreeMap::new();
    for row in sample.rows() {
        for finding in replaced.scan_with(row, &mut workspace) {
            *own.entry(finding.kind.as_str()).or_default() += 1;
        }
    }
    say(&format!("\n{:<28}{:>10}{:>10}   of Presidio (`blank`): all, of score {SURE} and more", "findings", "marked", "gallra"));
    for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_flag()) {
        let name = kind.as_str();
        let theirs =
            |line: &&Vec<&str>| line.starts_with(&["rows", "blank"]) && line.get(2).and_then(|entity| kind_of(entity)) == Some(name);
        let theirs: Vec<String> = told.iter().filter(theirs).map(|line| line[2..].join(" ")).collect();
        let (marked, found) = (sample.kinds.get(name).copied().unwrap_or(0), own.get(name).copied().unwrap_or(0));
        say(&format!("{name:<28}{marked:>10}{found:>10}   {}", theirs.join(", ")));
    }
    let others = |part: &str| -> Vec<String> {
        let other = |line: &&Vec<&str>| line.starts_with(&[part, "blank"]) && line.get(2).is_some_and(|entity| kind_of(entity).is_none());
        told.iter().filter(other).map(|line| line[2..].join(" ")).collect()
    };
    say(&format!("{:<28}{:>20}   {}", "nothing of gallra's", "", others("rows").join(", ")));

    let (mut noted, mut by_kind) = (0, BTreeMap::<&str, u64>::new());
    for note in &nobody {
        let found = replaced.scan_with(&note.text, &mut workspace);
        noted += usize::from(!found.is_empty());
        for finding in found {
            *by_kind.entry(finding.kind.as_str()).or_default() += 1;
        }
    }
    say(&format!("\n{} notes in which nothing is marked", nobody.len()));
    let listed = by_kind.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ");
    say(&format!("gallra, of confidence {SURE} and more: {} findings in {noted} notes: {listed}", by_kind.values().sum::<u64>()));
    for line in &told {
        if let ["noted", engine, all, sure] = line.as_slice() {
            let of_engine: Vec<&Vec<&str>> = told.iter().filter(|line| line.starts_with(&["negatives", engine])).collect();
            let sum = |at: usize, known: bool| -> u64 {
                let wanted = |line: &&&Vec<&str>| !known || kind_of(line[2]).is_some();
                of_engine.iter().filter(wanted).filter_map(|line| line.get(at)?.parse::<u64>().ok()).sum()
            };
            let listed = of_engine.iter().map(|line| line[2..].join(" ")).collect::<Vec<_>>().join(", ");
            say(&format!(
                "Presidio `{engine}`: {} findings in {all} notes, of score {SURE} and more {} in {sure}; of gallra's kinds {}, {}: {listed}",
                sum(3, false),
                sum(4, false),
                sum(3, true),
                sum(4, true),
            ));
        }
    }
    Ok(())
}

/// What Presidio's entity is called here, where it is something that gallra finds.
fn kind_of(entity: &str) -> Option<&'static str> {
    Some(match entity {
        "EMAIL_ADDRESS" => "email",
        "PHONE_NUMBER" => "phone",
        "SE_PERSONNUMMER" | "FI_PERSONAL_IDENTITY_CODE" => "national_id",
        "IBAN_CODE" => "iban",
        "CREDIT_CARD" => "card",
        "IP_ADDRESS" => "ip_address",
        "MAC_ADDRESS" => "mac_address",
        "URL" => "url",
        _ => return None,
    })
}

/// Megabytes that a process's status tells of; 0 where there is no `/proc`.
fn status(process: &str, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kilobytes| kilobytes / 1024.0)
}

/// How many threads wanted to work in the last minute, five and fifteen.
fn load() -> String {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    if told.is_empty() { "unknown".to_owned() } else { told.split(' ').take(3).collect::<Vec<_>>().join(" ") }
}

#[expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
fn say(text: &str) {
    println!("{text}");
}
