import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.stream.IntStream;

/**
 * Trains the networks that the tables of {@code docs/exercises.md} list, fills their numbers in,
 * and draws the curves below them. Everything else on the page is written by hand; a line more in a
 * table is a run more. Needs a JDK 17 and no library; {@code --help} says more.
 *
 * <p>It can be interrupted: a run is done again unless its log begins with the same command and
 * ends with its exit status. Whoever has changed the program deletes {@code runs/exercises}.
 */
public final class Exercises {

  private static final String USAGE =
      """
      Usage: java docs/exercises/Exercises.java [OPTIONS]

      Fills in the tables of docs/exercises.md. Run it from the repository's root.

        --seeds N      Runs of each line, with the seeds 1 to N. Default: 3.
        --only NAME    This table alone, that of images/exercise-NAME.svg.
        --epochs N     Of lines that don't say otherwise. Default: 10.
        --dataset D    Likewise, as for lenet train. Default: fashion-mnist.
        --data-dir DIR Where the data are, with a folder for each data set.
        --page FILE    Another page than docs/exercises.md.
        --lenet FILE   The launcher. Default: that of this repository.
      """;

  private static final Path WORK = Path.of("runs", "exercises");
  private static final String HEAD =
      "| run | flags | parameters | test acc | train acc | loss | s/epoch |";
  private static final Pattern ROW = Pattern.compile("\\| ([a-z0-9.-]+) \\| `?(.*?)`? \\|.*");
  private static final Pattern CURVES = Pattern.compile("!\\[.*]\\((images/exercise-(.*)\\.svg)\\)");

  /** The data set of the lines that fine-tune, a directory among the runs. */
  private static final String MNIST_200 = "mnist-200";

  private static final boolean WINDOWS = File.separatorChar == '\\';

  /** A line of a table: the name of its runs, and their flags for {@code lenet train}. */
  private record Variant(String name, String flags) {}

  /** What {@code metrics.csv} says of an epoch. */
  private record Epoch(double trainLoss, double trainAccuracy, double testAccuracy, double seconds) {}

  /** A run that has ended; without epochs if it failed, or diverged. */
  private record Run(Variant variant, int seed, String status, String parameters, List<Epoch> epochs) {
    Epoch last() {
      return epochs.get(epochs.size() - 1);
    }
  }

  private final Map<String, String> options;
  private final int seeds;

  private Exercises(Map<String, String> options) {
    this.options = options;
    seeds = Integer.parseInt(options.getOrDefault("--seeds", "3"));
  }

  /** Exits with 0 if every run was done or diverged, with 1 if one failed, 2 for wrong usage. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length || !USAGE.contains("  " + arguments[i] + " ")) {
        System.err.print(USAGE);
        System.exit(2);
      }
      options.put(arguments[i], arguments[i + 1]);
    }
    System.exit(new Exercises(options).run() ? 0 : 1);
  }

  private boolean run() throws IOException, InterruptedException {
    Files.createDirectories(WORK);
    Path page = Path.of(options.getOrDefault("--page", "docs/exercises.md"));
    List<String> lines = new ArrayList<>(Files.readAllLines(page));
    boolean isDone = true;
    boolean isFound = false;
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).equals(HEAD)) {
        continue;
      }
      int first = i + 2;
      int end = first;
      while (ROW.matcher(lines.get(end)).matches()) {
        end++;
      }
      Matcher curves = CURVES.matcher(lines.get(end + 1));
      if (!curves.matches()) {
        throw new IOException(page + ": line " + (end + 2) + ": expected the table's curves");
      }
      if (!options.getOrDefault("--only", curves.group(2)).equals(curves.group(2))) {
        continue;
      }
      isFound = true;
      List<String> drawn = new ArrayList<>();
      for (int row = first; row < end; row++) {
        Matcher cells = ROW.matcher(lines.get(row));
        cells.matches();
        List<Run> runs = train(new Variant(cells.group(1), cells.group(2)));
        isDone &= runs.stream().noneMatch(run -> run.status().equals("failed"));
        lines.set(row, row(runs));
        runs.stream()
            .filter(run -> run.seed() == 1 && !run.epochs().isEmpty())
            .forEach(run -> drawn.add(name(run.variant(), 1)));
      }
      if (!drawn.isEmpty()) {
        Path figure = page.toAbsolutePath().resolveSibling(curves.group(1));
        Files.createDirectories(figure.getParent());
        drawn.add(0, "compare");
        drawn.addAll(List.of("--force", "--output", figure.toString()));
        lenet(drawn, WORK.resolve("compare.log"));
        if (Files.exists(figure)) { // a data set of files has this machine's path for a title
          String svg = Files.readString(figure);
          Files.writeString(figure, svg.replaceAll("IDX files in [^<;]*", MNIST_200));
        }
      }
      Path temporary = page.resolveSibling(page.getFileName() + ".tmp");
      Files.write(temporary, lines);
      Files.move(temporary, page, StandardCopyOption.ATOMIC_MOVE);
    }
    if (!isFound) {
      System.err.println("error: --only: there is no table of that name on the page");
    }
    return isDone && isFound;
  }

  private static String name(Variant variant, int seed) {
    return variant.name() + "-seed" + seed;
  }

  private List<Run> train(Variant variant) throws IOException, InterruptedException {
    List<Run> runs = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      String name = name(variant, seed);
      List<String> command = command(variant, seed);
      Path log = WORK.resolve(name + ".log");
      Run run = ended(variant, seed, command, log);
      if (run.status().equals("failed")) {
        System.err.println("training " + name);
        if (command.contains(MNIST_200) && Files.notExists(WORK.resolve(MNIST_200))) {
          writeMnist200();
        }
        lenet(command, log);
        run = ended(variant, seed, command, log);
        System.err.println(run.status());
      }
      runs.add(run);
    }
    return runs;
  }

  /** The flags of the line win over those of this program. */
  private List<String> command(Variant variant, int seed) {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("--dataset", options.getOrDefault("--dataset", "fashion-mnist"));
    words.put("--epochs", options.getOrDefault("--epochs", "10"));
    Optional.ofNullable(options.get("--data-dir"))
        .ifPresent(path -> words.put("--data-dir", Path.of(path).toAbsolutePath().toString()));
    String[] flags = variant.flags().isEmpty() ? new String[0] : variant.flags().split(" ");
    for (int i = 0; i < flags.length; i += 2) {
      words.put(flags[i], flags[i + 1]);
    }
    if (words.get("--dataset").equals(MNIST_200)) {
      words.remove("--data-dir");
    }
    words.put("--seed", Integer.toString(seed));
    words.put("--output", name(variant, seed));
    List<String> command = new ArrayList<>(List.of("train", "--force"));
    words.forEach((option, value) -> command.addAll(List.of(option, value)));
    return command;
  }

  /** Writes MNIST's first 200 training images of each class and its whole test set as IDX files. */
  private void writeMnist200() throws IOException, InterruptedException {
    Path mnist = mnist();
    ByteBuffer images = ByteBuffer.wrap(read(mnist, "train-images-idx3-ubyte"));
    ByteBuffer labels = ByteBuffer.wrap(read(mnist, "train-labels-idx1-ubyte"));
    int size = images.getInt(8) * images.getInt(12);
    int[] found = new int[10];
    int count = 0;
    for (int i = 0; i < labels.getInt(4); i++) {
      byte label = labels.get(8 + i);
      if (found[label]++ < 200) { // to the front, over an image that was looked at already
        System.arraycopy(images.array(), 16 + i * size, images.array(), 16 + count * size, size);
        labels.put(8 + count++, label);
      }
    }
    images.putInt(4, count);
    labels.putInt(4, count);
    Path temporary = Files.createDirectories(WORK.resolve(MNIST_200 + ".tmp"));
    Files.write(
        temporary.resolve("train-images-idx3-ubyte"),
        Arrays.copyOf(images.array(), 16 + count * size));
    Files.write(
        temporary.resolve("train-labels-idx1-ubyte"), Arrays.copyOf(labels.array(), 8 + count));
    for (String name : List.of("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")) {
      Files.write(temporary.resolve(name), read(mnist, name));
    }
    Files.move(temporary, WORK.resolve(MNIST_200), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Finds the files of MNIST: in the data directory, else in the cache. */
  private Path mnist() throws IOException, InterruptedException {
    if (options.containsKey("--data-dir")) {
      Path data = Path.of(options.get("--data-dir"));
      return Files.isDirectory(data.resolve("mnist")) ? data.resolve("mnist") : data;
    }
    Path log = WORK.resolve("mnist.log");
    lenet(List.of("data", "fetch", "mnist"), log);
    return Files.readAllLines(log).stream()
        .filter(line -> line.startsWith("MNIST in "))
        .map(line -> WORK.resolve(line.substring("MNIST in ".length())))
        .findFirst()
        .orElseThrow(() -> new IOException("see " + log));
  }

  private static byte[] read(Path directory, String name) throws IOException {
    Path compressed = directory.resolve(name + ".gz");
    if (Files.notExists(compressed)) {
      return Files.readAllBytes(directory.resolve(name));
    }
    try (InputStream in = new GZIPInputStream(Files.newInputStream(compressed))) {
      return in.readAllBytes();
    }
  }

  /** Runs a command among the runs; its log begins with the command and ends with its status. */
  private void lenet(List<String> arguments, Path log) throws IOException, InterruptedException {
    Path launcher = Path.of(options.getOrDefault("--lenet", WINDOWS ? "lenet.cmd" : "lenet"));
    List<String> command = new ArrayList<>(List.of(launcher.toAbsolutePath().toString()));
    command.addAll(arguments);
    Path output = WORK.resolve("output.log");
    Process process =
        new ProcessBuilder(command)
            .directory(WORK.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    int status = process.waitFor();
    Files.writeString(
        log,
        "%s\n%s\nexit %d\n".formatted(String.join(" ", arguments), Files.readString(output), status));
    if (status == 2 || status != 0 && !arguments.get(0).equals("train")) {
      throw new IOException("see " + log);
    }
  }

  /** Failed, if it was not done, or by another command. */
  private static Run ended(Variant variant, int seed, List<String> command, Path log)
      throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of("");
    String end = lines.get(lines.size() - 1);
    String parameters =
        lines.stream()
            .map(Pattern.compile(".*with ([0-9,]+) parameters.*")::matcher)
            .filter(Matcher::matches)
            .map(matcher -> matcher.group(1))
            .findFirst()
            .orElse("?");
    if (lines.get(0).equals(String.join(" ", command))) {
      if (end.equals("exit 0")) {
        List<Epoch> epochs = epochs(WORK.resolve(name(variant, seed)).resolve("metrics.csv"));
        return new Run(variant, seed, "done", parameters, epochs);
      }
      if (end.equals("exit 1")
          && lines.stream().anyMatch(line -> line.startsWith("error: training diverged"))) {
        return new Run(variant, seed, "diverged", parameters, List.of());
      }
    }
    return new Run(variant, seed, "failed", parameters, List.of());
  }

  private static List<Epoch> epochs(Path csv) throws IOException {
    List<String[]> lines =
        Files.readAllLines(csv).stream()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split(","))
            .toList();
    List<String> names = List.of(lines.get(0));
    int[] columns =
        List.of("train_loss", "train_accuracy", "test_accuracy", "seconds").stream()
            .mapToInt(names::indexOf)
            .toArray();
    return lines.stream()
        .skip(1)
        .map(line -> IntStream.of(columns).mapToDouble(i -> Double.parseDouble(line[i])).toArray())
        .map(values -> new Epoch(values[0], values[1], values[2], values[3]))
        .toList();
  }

  /** A line of a table: means over the seeds that were done, ± the sample standard deviation. */
  private static String row(List<Run> runs) {
    Variant variant = runs.get(0).variant();
    List<Run> done = runs.stream().filter(run -> !run.epochs().isEmpty()).toList();
    List<String> accuracy = new ArrayList<>();
    if (!done.isEmpty()) {
      accuracy.add(spread(done));
    }
    for (String status : List.of("diverged", "failed")) {
      long count = runs.stream().filter(run -> run.status().equals(status)).count();
      if (count > 0) {
        accuracy.add(count == runs.size() ? status : status + " " + count + " of " + runs.size());
      }
    }
    double[] seconds =
        done.stream().flatMap(run -> run.epochs().stream()).mapToDouble(Epoch::seconds).sorted().toArray();
    int n = seconds.length;
    return "| %s | %s | %s | %s | %s | %s | %s |"
        .formatted(
            variant.name(),
            variant.flags().isEmpty() ? "" : "`" + variant.flags() + "`",
            runs.stream().map(Run::parameters).filter(text -> !text.equals("?")).findFirst().orElse("?"),
            String.join(", ", accuracy),
            done.isEmpty() ? "" : form("%.3f", mean(done, run -> run.last().trainAccuracy())),
            done.isEmpty() ? "" : form("%.3f", mean(done, run -> run.last().trainLoss())),
            n == 0 ? "" : form("%.1f", (seconds[(n - 1) / 2] + seconds[n / 2]) / 2));
  }

  private static double mean(List<Run> runs, ToDoubleFunction<Run> value) {
    return runs.stream().mapToDouble(value).average().orElseThrow();
  }

  private static String spread(List<Run> runs) {
    double mean = mean(runs, run -> run.last().testAccuracy());
    double squares =
        runs.stream().mapToDouble(run -> Math.pow(run.last().testAccuracy() - mean, 2)).sum();
    return runs.size() == 1
        ? form("%.3f", mean)
        : form("%.3f ± %.3f", mean, Math.sqrt(squares / (runs.size() - 1)));
  }

  private static String form(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
