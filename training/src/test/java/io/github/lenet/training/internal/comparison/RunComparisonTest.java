package io.github.lenet.training.internal.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Images;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingConfigs;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.io.RunFormatException;
import io.github.lenet.training.run.TrainingRun;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class RunComparisonTest {

  private static final String HEADER =
      "epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second\n";
  private static final String TWO_EPOCHS =
      HEADER + "1,2.0,0.3,1.5,0.4,10.5,1000\n2,1.0,0.6,0.9,0.65,9.5,3000\n";

  @TempDir private Path directory;

  /** A run as an older or newer version may have written it, by hand. */
  private Path run(String name, int epochs, String rate, String data, String csv)
      throws IOException {
    Path run = Files.createDirectories(directory.resolve(name));
    Files.writeString(
        run.resolve("config.json"),
        """
        {"format": "lenet-run",
         "training": {"epochs": %s, "optimizer": {"name": "sgd", "learning_rate": %s}, "seed": 1,
                      "architecture": {"channels": [6, 16], "dense_units": []}},
         "device": {"name": "/device:CPU:0"},
         "data": {"dataset": "idx", "title": "Images",
                  "files": [{"sha256": "x", "raw_sha256": "%s"}]}}
        """
            .formatted(epochs, rate, data));
    if (!csv.isEmpty()) {
      Files.writeString(run.resolve("metrics.csv"), csv);
    }
    return run;
  }

  private static RunComparison compare(Path... runs) throws IOException {
    List<RecordedRun> read = new ArrayList<>();
    for (Path run : runs) {
      read.add(RecordedRun.read(run));
    }
    return new RunComparison(read);
  }

  @Test
  void readsWhatARunHasWritten() throws Exception {
    Path path = directory.resolve("real");
    LeNetConfig model =
        LeNetConfig.builder()
            .kernelSize(3)
            .channels(4)
            .pooling(Pooling.MAX)
            .denseUnits()
            .activation(Activation.RELU)
            .build();
    TrainingConfig config = TrainingConfigs.of(model, 2, 50, 0.25, 3, 1);
    TrainingResult result =
        TrainingRun.in(path)
            .execute(
                Images.splits(Images.bars(100, 1), Images.bars(50, 2)),
                config,
                DeviceSelection.cpu("test"),
                new TrainingListener() {});

    RecordedRun run = RecordedRun.read(path);

    assertEquals("Bars", run.dataset());
    assertEquals(
        Map.of("activation", "relu", "channels", "4", "dense_units", "none", "pooling", "max"),
        run.options().entrySet().stream()
            .filter(
                option ->
                    List.of("activation", "channels", "dense_units", "pooling")
                        .contains(option.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    assertEquals("0.25", run.options().get("learning_rate"));
    assertEquals("3", run.options().get("seed"));
    assertEquals("/device:CPU:0", run.options().get("device"));
    EpochResult last = result.epochs().get(1);
    assertEquals(last.train().meanLoss(), run.selectedEpoch().orElseThrow().trainLoss(), 1e-6);
    assertEquals(
        last.validation().meanLoss(), run.selectedEpoch().orElseThrow().validationLoss(), 1e-6);
    assertEquals(last.train().accuracy(), run.selectedEpoch().orElseThrow().trainAccuracy(), 1e-6);
    assertEquals(
        last.validation().accuracy(), run.selectedEpoch().orElseThrow().validationAccuracy(), 1e-6);
    double speed = result.imagesPerSecond(); // from the clock, not from the file
    assertEquals(speed, run.imagesPerSecond(), speed / 1000);
  }

  @Test
  void namesOnlyTheOptionsThatDiffer() throws Exception {
    RunComparison same =
        compare(run("a", 2, "0.9", "1", TWO_EPOCHS), run("b", 3, "0.9", "1", TWO_EPOCHS));
    assertEquals(Map.of(), same.differences(same.runs().get(0)));
    assertTrue(same.isOnSameData());

    Path newer = run("c", 2, "0.1", "2", TWO_EPOCHS);
    Path config = newer.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"seed\"", "\"dropout\": 0.5, \"seed\""));
    RunComparison other = compare(run("a", 2, "0.9", "1", TWO_EPOCHS), newer);
    assertEquals(
        Map.of("learning_rate", "0.9", "dropout", "-"), other.differences(other.runs().get(0)));
    assertEquals(
        Map.of("learning_rate", "0.1", "dropout", "0.5"), other.differences(other.runs().get(1)));
    assertFalse(other.isOnSameData());
  }

  @Test
  void printsATableThatMarksHalfFinishedRuns() throws Exception {
    String fallback = "# the sample set took its place\n" + TWO_EPOCHS;
    RunComparison comparison =
        compare(
            run("whole", 2, "0.9", "1", TWO_EPOCHS),
            run("stopped-early", 10, "0.1", "1", fallback),
            run("begun", 10, "0.9", "1", ""));

    // Mean speed: the same images at 1000 and at 3000 a second are 2 of 1/1000 + 1/3000.
    assertEquals(
        """
        run            data     epochs   loss  train acc  test acc  images/sec  seconds
        whole          Images        2  1.000      0.600     0.650       1,500     20.0  learning_rate 0.9
        stopped-early  Images  2 of 10  1.000      0.600     0.650       1,500     20.0  learning_rate 0.1
        begun          Images  0 of 10      -          -         -           -        -  learning_rate 0.9
        """,
        comparison.table());
  }

  @Test
  void drawsEachRunAlikeInEveryPanel() throws Exception {
    RunComparison comparison =
        compare(
            run("one", 4, "0.9", "1", TWO_EPOCHS),
            run("two", 2, "0.1", "1", TWO_EPOCHS),
            run("begun", 2, "0.9", "1", ""));

    Element svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(comparison.curves().getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();

    assertEquals(List.of("one", "two", "begun"), texts(svg, "name"));
    assertEquals(
        List.of("train loss", "test loss", "train accuracy", "test accuracy", "epoch"),
        texts(svg, "label"));
    List<String> curves =
        elements(svg, "g").stream()
            .map(group -> group.getAttribute("class"))
            .filter(style -> style.startsWith("curve"))
            .toList();
    String panel = "curve c0,curve c1"; // the third has nothing to draw yet
    assertEquals(String.join(",", panel, panel, panel, panel), String.join(",", curves));
    assertEquals(List.of("0.650 one", "0.650 two"), texts(svg, "value").subList(6, 8));
    assertEquals(
        List.of("Images", "2 of 4", "1.000", "0.600", "0.650", "1,500", "20.0"),
        texts(svg, "cell").subList(0, 7));
    assertEquals(
        List.of("learning_rate 0.9", "learning_rate 0.1", "learning_rate 0.9"),
        texts(svg, "remark"));
    assertTrue(
        svg.getElementsByTagName("desc")
            .item(0)
            .getTextContent()
            .contains("two test accuracy: 0.400 at epoch 1.00, then 0.650 at epoch 2.00"));
  }

  /** Names of directories come in: a data set's, and the runs'. */
  @Test
  void drawsLongNamesInShort() throws Exception {
    Path run = run("a-name-of-a-run-that-is-longer-than-what-is-left", 2, "0.9", "1", TWO_EPOCHS);
    Path config = run.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replace("\"Images\"", "\"/home/" + "x".repeat(200) + "\""));

    String svg = compare(run).curves();

    assertTrue(svg.contains("/home/xxxxxxxxx…"), svg);
    assertTrue(svg.contains("a-name-of-a-"), svg);
  }

  @Test
  void aValidatedRunHasItsOwnPanelsAndColumn() throws Exception {
    Path validated = run("validated", 2, "0.9", "1", TWO_EPOCHS.replace("test_", "validation_"));
    Path config = validated.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replace("\"seed\": 1", "\"seed\": 1, \"validation_split\": 0.1"));
    Path other = run("other", 2, "0.9", "1", TWO_EPOCHS);

    String unfinished = compare(other, validated).table();
    assertTrue(unfinished.lines().findFirst().orElseThrow().contains("val acc  test acc"));
    assertTrue(
        unfinished.lines().skip(2).allMatch(line -> line.contains("0.650         -")), unfinished);

    Files.writeString(
        validated.resolve("metrics.json"), "{\"test_loss\": 1.5, \"test_accuracy\": 0.625}");
    RunComparison comparison = compare(other, validated);
    assertTrue(comparison.table().contains("0.650     0.625"), comparison.table());
    String svg = comparison.curves();
    for (String panel : List.of("test accuracy", "validation accuracy", "validation loss")) {
      assertTrue(svg.contains(">" + panel + "<"), panel);
    }
  }

  @Test
  void tellsRunsOfTheSameNameApartByTheirPath() throws Exception {
    Path one = run("x/try", 2, "0.9", "1", TWO_EPOCHS);
    Path two = run("y/try", 2, "0.9", "1", TWO_EPOCHS);

    assertEquals(List.of(one.toString(), two.toString()), compare(one, two).names());
    assertEquals(List.of("try"), compare(two).names());
    Exception twice =
        assertThrows(
            IllegalArgumentException.class, () -> compare(one, directory.resolve("x/../x/try")));
    assertTrue(twice.getMessage().endsWith("x/../x/try: is there twice"), twice.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new RunComparison(List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "1,2.0,0.3,1.5,0.4,10.5 | line 2: is corrupt: expected 7 values, found 6.",
        "1,2.0,0.3,1.5,0.4,x,3 | line 2: is corrupt: expected a number for seconds, found 'x'.",
        "2,2.0,0.3,1.5,0.4,9,3 | line 2: is corrupt: expected epoch 1, found 2.",
        "\"\" | line 2: is corrupt: expected an epoch, found the end.",
      })
  void saysWhereMetricsAreCorrupt(String line, String message) throws Exception {
    Path run = run("run", 2, "0.9", "1", HEADER + line);

    Exception corrupt = assertThrows(RunFormatException.class, () -> RecordedRun.read(run));
    assertEquals(run.resolve("metrics.csv") + ": " + message, corrupt.getMessage());
  }

  @Test
  void saysWhatIsNoRun() throws Exception {
    String none =
        assertThrows(RunFormatException.class, () -> RecordedRun.read(directory)).getMessage();
    assertTrue(none.startsWith(directory + ": is no run directory: expected config.json"), none);

    Path file = Files.writeString(directory.resolve("config.json"), "{\"format\": \"other\"}");
    String other =
        assertThrows(RunFormatException.class, () -> RecordedRun.read(directory)).getMessage();
    assertTrue(other.startsWith(file + ": is not of a run: expected format lenet-run"), other);

    Files.writeString(file, "{\"format\": \"lenet-");
    String half =
        assertThrows(RunFormatException.class, () -> RecordedRun.read(directory)).getMessage();
    assertEquals(file + ": is corrupt: expected JSON.", half);

    Path headless = run("headless", 1, "0.9", "1", "epoch,loss\n1,2\n");
    String columns =
        assertThrows(RunFormatException.class, () -> RecordedRun.read(headless)).getMessage();
    assertTrue(columns.contains("line 1: is corrupt: expected columns epoch,train_loss"), columns);
  }

  private static List<Element> elements(Element svg, String tag) {
    NodeList nodes = svg.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  private static List<String> texts(Element svg, String role) {
    return elements(svg, "text").stream()
        .filter(text -> text.getAttribute("class").equals(role))
        .map(Element::getTextContent)
        .toList();
  }
}
