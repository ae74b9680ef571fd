package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk that becomes full at whatever page, for one command after the other. */
@Tag("tmpfs")
final class FullDiskTest {

  /** More than any of the commands needs. */
  private static final int MOST_PAGES = 400;

  private static final String FULL = "No space left on device";

  @TempDir private static Path shared;

  private static Path data;
  private static Path whole;

  @TempDir private Path directory;

  private SmallDisk disk;

  @BeforeAll
  static void trainWhereThereIsRoom() throws IOException {
    data = shared.resolve("data");
    TinyIdx.write(data, 28, 28, 10);
    whole = shared.resolve("whole");
    assertDone(train(whole, 20));
  }

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.at(directory.resolve("disk"));
  }

  @AfterEach
  void unmount() throws Exception {
    disk.close();
  }

  /**
   * A file of 20 units takes TensorFlow one or two pages; one of 200 takes more than all that is
   * written after it, so that nothing else would tell that it is missing.
   */
  @ParameterizedTest
  @CsvSource({"20, 1, ''", "200, 7, --tensorboard"})
  void trainingEndsAtAnyPageWithoutHalfAFileAndGoesOnWhenThereIsRoom(
      int units, int step, String option) throws Exception {
    Path expected = shared.resolve("expected-" + units);
    assertDone(train(expected, units, option));
    int failures = 0;
    for (int pages = 0; pages < MOST_PAGES; pages += step) {
      disk.fill(pages);
      Path run = disk.resolve("run-" + pages);
      Cli cli = train(run, units, option);
      String when = "with %d pages: ".formatted(pages);
      if (cli.status() == ExitCode.DONE) {
        assertCameToTheSame(when, expected, run);
        break;
      }
      failures++;
      assertSaysThatTheDiskIsFull(when, run, cli);
      if (Files.exists(run)) {
        assertNothingHalf(when, run);
      }
      disk.makeRoom();
      boolean begun = Files.exists(run.resolve("config.json"));
      assertDone(begun ? Cli.run("train", "--resume", run.toString()) : train(run, units, option));
      assertCameToTheSame(when, expected, run);
      SampleRun.delete(run);
    }
    assertTrue(failures > 10, "the disk was full only %d times".formatted(failures));
    assertTrue(failures * step < MOST_PAGES, "there was never room enough");
  }

  @Test
  void exportEndsAtAnyPageAndLeavesTheVersionsAsTheyWere() throws Exception {
    Path models = disk.resolve("models");
    assertDone(export(models));
    int failures = 0;
    for (int pages = 0; pages < MOST_PAGES; pages++) {
      disk.fill(pages);
      Cli cli = export(models);
      if (cli.status() == ExitCode.DONE) {
        break;
      }
      failures++;
      assertSaysThatTheDiskIsFull("with %d pages: ".formatted(pages), models, cli);
      assertEquals(Set.of("1"), names(models));
      assertSameFiles(whole.resolve("saved_model/1"), models.resolve("1"));
    }
    assertTrue(failures > 5, "the disk was full only %d times".formatted(failures));
    assertEquals(Set.of("1", "2"), names(models));
    assertSameFiles(whole.resolve("saved_model/1"), models.resolve("2"));
  }

  @ParameterizedTest
  @CsvSource({
    "garments.png, data preview --force --output",
    "seen.png, activations pretrained noise --force --output",
    "lenet.onnx, export pretrained --format onnx --force --output",
    "confusion.svg, evaluate pretrained --force --confusion-matrix",
    "wrong.png, evaluate pretrained --force --misclassified",
    "compare.svg, compare WHOLE --force --output"
  })
  void aFileThatDoesNotFitLeavesTheOneThatWasThere(String name, String command) throws Exception {
    Path file = disk.resolve(name);
    Files.writeString(file, "of yesterday");
    List<String> words = new ArrayList<>();
    for (String word : command.split(" ")) {
      words.add(word.equals("WHOLE") ? whole.toString() : word);
    }
    words.add(file.toString());
    if (!command.matches("(compare|activations|export).*")) {
      words.addAll(List.of("--dataset", data.toString()));
    }
    disk.fill(0);

    Cli cli = Cli.run(words.toArray(String[]::new));

    assertSaysThatTheDiskIsFull(name, file, cli);
    assertEquals("of yesterday", Files.readString(file));
    assertEquals(Set.of("filler", name), names(disk.resolve(".")));
    disk.makeRoom();
    assertDone(Cli.run(words.toArray(String[]::new)));
    assertTrue(Files.size(file) > 100);
  }

  @Test
  void aNativeLibraryThatCannotBeUnpackedSaysWhereItMayNotFit() throws Exception {
    Path cache = disk.resolve("natives");
    Cli cli =
        new ChildJvm(shared)
            .withOption("-Dorg.bytedeco.javacpp.cachedir=" + cache)
            .run("predict", "pretrained", "noise");

    assertEquals(ExitCode.FAILED, cli.status(), cli.err());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains("It is unpacked into " + cache), cli.err());
    assertTrue(cli.err().contains(" GB are free). Free space"), cli.err());
  }

  private static Cli train(Path run, int units, String... more) {
    List<String> words = new ArrayList<>(List.of("train", "--dataset", data.toString()));
    words.addAll(List.of("--epochs", "2", "--channels", "2,3", "--dense-units", "" + units));
    words.addAll(List.of("--device", "cpu", "--output", run.toString()));
    words.addAll(Stream.of(more).filter(word -> !word.isEmpty()).toList());
    return Cli.run(words.toArray(String[]::new));
  }

  private static Cli export(Path models) {
    return Cli.run("export", whole.toString(), "--output", models.toString());
  }

  private static void assertDone(Cli cli) {
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
  }

  private static void assertSaysThatTheDiskIsFull(String when, Path where, Cli cli) {
    assertEquals(ExitCode.FAILED, cli.status(), when + cli.err());
    List<String> errors =
        cli.errLines().stream().filter(line -> line.startsWith("error: ")).toList();
    assertEquals(1, errors.size(), when + cli.err());
    String error = errors.get(0);
    assertEquals(error, cli.errLines().get(cli.errLines().size() - 1), when + cli.err());
    assertTrue(error.contains(FULL) && error.contains(where.toString()), when + error);
  }

  /** What has its final name is as a reader expects it. */
  private static void assertNothingHalf(String when, Path run) throws Exception {
    for (Path path : files(run)) {
      String name = run.relativize(path).toString();
      assertFalse(name.contains(".tmp"), when + name);
      assertFalse(name.startsWith("saved_model"), when + name);
      switch (path.getFileName().toString()) {
        case "config.json", "metrics.json", "history.json" ->
            assertTrue(new JsonMapper().readTree(path.toFile()).isObject(), when + name);
        case "metrics.csv" -> assertTrue(Files.readString(path).endsWith("\n"), when + name);
        case "curves.svg" -> assertTrue(Files.readString(path).endsWith("</svg>\n"), when + name);
        case "SHA256SUMS" -> assertSums(when, path);
        default -> {}
      }
    }
  }

  private static void assertSums(String when, Path sums) throws Exception {
    Path directory = sums.getParent();
    boolean isOfModel = directory.endsWith("assets.extra");
    List<String> lines = Files.readAllLines(sums);
    assertFalse(lines.isEmpty(), when + sums);
    for (String line : lines) {
      String[] parts = line.split("  ");
      Path file = (isOfModel ? directory.getParent() : directory).resolve(parts[1]);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      assertEquals(parts[0], HexFormat.of().formatHex(hash), when + file);
    }
  }

  private static void assertCameToTheSame(String when, Path expected, Path run) throws IOException {
    assertSameFiles(expected.resolve("saved_model/1"), run.resolve("saved_model/1"));
    for (String file : List.of("checkpoints/epoch-2/variables.data-00000-of-00001", "curves.svg")) {
      assertArrayEquals(
          Files.readAllBytes(expected.resolve(file)),
          Files.readAllBytes(run.resolve(file)),
          when + file);
    }
    assertEquals(names(expected), names(run), when);
    assertEquals(names(expected.resolve("checkpoints")), names(run.resolve("checkpoints")), when);
  }

  private static void assertSameFiles(Path expected, Path found) throws IOException {
    List<Path> files = files(expected);
    assertEquals(files.size(), files(found).size());
    for (Path file : files) {
      String name = expected.relativize(file).toString();
      assertEquals(-1, Files.mismatch(file, found.resolve(name)), name);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static Set<String> names(Path directory) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    return names;
  }
}
