package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.DatasetArguments;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Failures;
import io.github.lenet.cli.output.PropertyTable;
import io.github.lenet.cli.output.TensorFlowNatives;
import io.github.lenet.cli.output.Versions;
import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.data.FileStatus;
import io.github.lenet.data.FileStatus.State;
import io.github.lenet.training.device.Device;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.CudaLibraries;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lenet doctor}: reports the environment, and checks that TensorFlow works. */
@Command(
    name = "doctor",
    customSynopsis = "lenet doctor [OPTIONS]",
    description = {
      "Reports TensorFlow's environment on this machine, and checks that it works.",
      "",
      "Adds two numbers with TensorFlow on the device that training would use, and"
          + " verifies the data sets in the cache. Changes nothing.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:TensorFlow works", "1:TensorFlow does not work", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {"  lenet doctor", "  lenet doctor --json"},
    sortOptions = false)
final class DoctorCommand implements Callable<Integer> {

  private final Console console;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  DoctorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    PropertyTable table = new PropertyTable();
    describeVersions(table);
    describeMachine(table);
    Optional<String> obstacle = tryTensorFlow(table);
    describeCache(table);
    table.print(console, json);
    if (obstacle.isPresent()) {
      throw new CommandFailedException(obstacle.get());
    }
    return ExitCode.DONE;
  }

  private static void describeVersions(PropertyTable table) {
    Versions versions = Versions.ofThisBuild();
    table.add("lenet", versions.lenet());
    table.add("TensorFlow Java", versions.tensorFlowJava());
    table.add("Java", Versions.java());
  }

  private static void describeMachine(PropertyTable table) {
    table.add(
        "system",
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    Processor processor = Processor.ofThisMachine();
    int cores = Runtime.getRuntime().availableProcessors();
    String name = processor.name().isEmpty() ? "unknown model" : processor.name();
    table.addLine("processor", "%s, %d cores for this process".formatted(name, cores));
    table.json().put("processor", processor.name()).put("cores", cores);
    table.addLine(
        "vector units",
        processor.vectorUnits().isEmpty() ? "unknown" : String.join(" ", processor.vectorUnits()));
    processor.vectorUnits().forEach(table.json().putArray("vector_units")::add);
    table.add("threads", cores + " for training, each with a replica of the network");
    table.add("natives", TensorFlowNatives.variant().orElse("none on the class path"));
  }

  /**
   * Describes the state of oneDNN. {@link TensorFlowRuntime#prepare} switches it on, except on
   * Windows, without JNA's library, or if the environment sets it.
   */
  static String oneDnn(String setByUser, boolean switchedOn) {
    if (setByUser == null) {
      return switchedOn
          ? "on (switched on by lenet)"
          : "left to TensorFlow (TF_ENABLE_ONEDNN_OPTS=1 switches it on)";
    }
    boolean on = setByUser.equals("1") || setByUser.equalsIgnoreCase("true");
    return "%s (TF_ENABLE_ONEDNN_OPTS=%s in the environment)"
        .formatted(on ? "on" : "off", setByUser);
  }

  /** Lists the driver and the libraries that TensorFlow needs beside it. */
  private static void describeCuda(PropertyTable table) {
    if (!TensorFlowNatives.platform().equals("linux-x86_64")) {
      table.add("NVIDIA driver", "not checked: TensorFlow Java uses GPUs on Linux x86-64 only");
      return;
    }
    if (!TensorFlowRuntime.isEnvironmentSet()) {
      table.add("NVIDIA driver", "not checked: JNA's library cannot be loaded");
      return;
    }
    List<CudaLibraries.Finding> all = CudaLibraries.ofThisProcess().all();
    ArrayNode json = table.json().putArray("cuda_libraries");
    for (CudaLibraries.Finding library : all) {
      table.addLine(library.name(), library.toString());
      ObjectNode entry = json.addObject();
      entry.put("name", library.name()).put("file", library.file());
      entry.put("usable", library.isUsable());
      library.version().ifPresent(version -> entry.put("version", version));
      library.problem().ifPresent(problem -> entry.put("problem", problem));
    }
    table.json().put("nvidia_driver", all.get(0).toString());
  }

  /** Loads TensorFlow and adds two numbers on the device that training would use. */
  private static Optional<String> tryTensorFlow(PropertyTable table) {
    ObjectNode json = table.json();
    try {
      TensorFlowRuntime.prepare();
      table.add(
          "oneDNN",
          oneDnn(System.getenv("TF_ENABLE_ONEDNN_OPTS"), TensorFlowRuntime.isEnvironmentSet()));
      describeCuda(table);
      table.add("TensorFlow", TensorFlow.version());
      DeviceSelection device = DeviceSelection.select(Device.AUTO);
      table.addLine("device", "%s (%s)".formatted(device.name(), device.reason()));
      json.put("device", device.name()).put("device_reason", device.reason());
      int sum = add(device, 2, 3);
      if (sum != 5) {
        throw new IllegalStateException("TensorFlow computed 2 + 3 = " + sum);
      }
      table.addLine("computes", "2 + 3 = " + sum);
      json.put("works", true);
      return Optional.empty();
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      String why = Failures.describe(e);
      table.addLine("computes", "nothing: " + why);
      json.put("works", false).put("error", why);
      return Optional.of(why);
    }
  }

  private static int add(DeviceSelection device, int a, int b) {
    try (Graph graph = new Graph();
        Session session = new Session(graph, device.sessionConfig(1, 1))) {
      Ops tf = Ops.create(graph).withDevice(device.spec());
      var sum = tf.math.add(tf.constant(a), tf.constant(b));
      try (var result = session.runner().fetch(sum).run()) {
        return ((TInt32) result.get(0)).getInt();
      }
    }
  }

  private static void describeCache(PropertyTable table) throws IOException {
    DatasetCache cache =
        new DatasetCache(DatasetCache.defaultDirectory(), true, DownloadListener.NONE);
    table.add("cache", cache.directory().toString());
    ObjectNode datasets = table.json().putObject("datasets");
    for (DatasetSource source : DatasetArguments.SOURCES) {
      String contents = contents(cache.verify(source));
      table.addLine(source.title(), contents);
      datasets.put(source.id(), contents);
    }
    long free = freeBytes(cache.directory());
    table.addLine("free in the cache", String.format(Locale.ROOT, "%.1f GB", free / 1e9));
    table.json().put("free_bytes", free);
  }

  private static String contents(List<FileStatus> files) {
    long ok = files.stream().filter(file -> file.state() == State.OK).count();
    long missing = files.stream().filter(file -> file.state() == State.MISSING).count();
    if (ok == files.size()) {
      return "complete";
    }
    if (missing == files.size()) {
      return "not fetched";
    }
    return "%d of %d files OK, %d missing, %d corrupt"
        .formatted(ok, files.size(), missing, files.size() - ok - missing);
  }

  /** {@return the free bytes where the cache is or would be created} */
  private static long freeBytes(Path directory) throws IOException {
    Path existing = directory.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    return Files.getFileStore(existing).getUsableSpace();
  }
}
