import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Does the chapter's exercises and writes {@code docs/exercises.md}, its tables and its images.
 *
 * <p>Run it from the repository's root: {@code java docs/exercises/Exercises.java}; {@code --help}
 * says more. It needs a JDK 17 or newer and no library. Everything is done by {@code ./lenet}; what
 * stands here is which runs, and what they mean: {@link #EXERCISES}, in which a run more is a line
 * more.
 *
 * <p>It can be interrupted. A run is done again unless its log in the work directory begins with
 * the same command and ends with its exit status; whoever has changed the program deletes the work
 * directory.
 */
public final class Exercises {

  private static final String RELU = "--activation relu --learning-rate 0.1";
  private static final String RELU_MAX = "--activation relu --pooling max --learning-rate 0.1";

  /** The network of the chapter; and the one that the newer text of the chapter goes on with. */
  private static final Variant CHAPTER = new Variant("chapter", "");

  private static final Variant RELU_AND_MAX = new Variant("relu-max", RELU_MAX);

  /** The exercises of both texts of the chapter, in the page's order. */
  private static final List<Exercise> EXERCISES =
      List.of(
          new Exercise(
              "pooling",
              "Maximum for mean, ReLU for sigmoid",
              """
              What changes if each pooling takes the largest of its four inputs, not their mean? And if ReLU
              takes the sigmoid's place?\
              """,
              List.of(
                  CHAPTER, new Variant("max", "--pooling max"), new Variant("relu", RELU), RELU_AND_MAX),
              """
              The maximum keeps the strongest value of four where the mean waters it down, and with either activation it
              classifies more test images rightly. ReLU brings more: its derivative is 1 wherever its output is not 0, where the
              sigmoid's is 1/4 at most, so that the first layers learn from the first epoch on, and the plateau at a loss of
              2.30 is not there. 0.1 is the learning rate that suits it, see below.\
              """),
          new Exercise(
              "activation",
              "Other activations",
              """
              Which activation learns how fast, and can it bear the chapter's learning rate?\
              """,
              List.of(
                  CHAPTER,
                  new Variant("tanh", "--activation tanh --learning-rate 0.1"),
                  new Variant("relu", RELU),
                  new Variant("relu-rate-0.9", "--activation relu")),
              """
              tanh and ReLU are past the plateau within the first epoch and end well above the sigmoid. At the chapter's
              learning rate of 0.9, which the flat sigmoid needs, ReLU ends where guessing is: an accuracy of 0.1 and a loss of
              2.30. A learning rate belongs to an activation.\
              """),
          new Exercise(
              "kernel",
              "The window of the convolutions",
              """
              Do smaller or larger kernels see better?\
              """,
              List.of(
                  new Variant("kernel-3", "--kernel-size 3"),
                  CHAPTER,
                  new Variant("kernel-7", "--kernel-size 7")),
              """
              A smaller kernel looks at fewer pixels and has fewer parameters in the convolutions, but leaves more pixels to
              the first dense layer, which has most of the parameters: the network as a whole grows. The curves show how much
              of a difference in the end comes from a plateau that is left earlier or later.\
              """),
          new Exercise(
              "channels",
              "The number of channels",
              """
              What do more output channels of the convolutions bring, and what do they cost?\
              """,
              List.of(
                  new Variant("channels-3-8", "--channels 3,8"),
                  CHAPTER,
                  RELU_AND_MAX,
                  new Variant("relu-max-channels-12-32", RELU_MAX + " --channels 12,32")),
              """
              More channels are more kinds of edges and shapes to tell apart, and dense1 grows with them. Compare what they
              bring with the spread over the seeds, and with what they cost in the last column.\
              """),
          new Exercise(
              "convolutions",
              "The number of convolutions",
              """
              One convolution, two or three, each with its pooling? Three fit into 28×28 pixels with 3×3 kernels
              only: `./lenet summary` shows the shapes, or says what does not fit.\
              """,
              List.of(
                  new Variant("convolutions-1", "--channels 6"),
                  CHAPTER,
                  new Variant("kernel-3", "--kernel-size 3"),
                  new Variant("convolutions-3", "--kernel-size 3 --channels 6,16,32"),
                  RELU_AND_MAX,
                  new Variant(
                      "relu-max-convolutions-3", RELU_MAX + " --kernel-size 3 --channels 6,16,32")),
              """
              With the sigmoid, fewer are better after ten epochs: each one on the way multiplies the gradient by its derivative,
              1/4 at most, and a network that ends at 0.100 and 2.30 has not left the plateau in these epochs. The lines with
              ReLU show what the third convolution is worth where that does not happen.\
              """),
          new Exercise(
              "dense",
              "The number of dense layers",
              """
              How many dense layers does the network need between the last pooling and the ten outputs?\
              """,
              List.of(
                  new Variant("dense-none", "--dense-units none"),
                  CHAPTER,
                  new Variant("dense-240-120-84", "--dense-units 240,120,84"),
                  new Variant("relu-max-dense-none", RELU_MAX + " --dense-units none"),
                  RELU_AND_MAX),
              """
              With the sigmoid, three hidden dense layers hardly leave the plateau in these epochs: the gradient that reaches
              the convolutions is too small. None at all does as well as the chapter's two. With ReLU, too, the network without
              any hidden dense layer, a tenth of the parameters, does almost as well.\
              """),
          new Exercise(
              "rate",
              "The learning rate",
              """
              How large may a step be?\
              """,
              List.of(
                  new Variant("rate-0.1", "--learning-rate 0.1"),
                  CHAPTER,
                  new Variant("rate-2", "--learning-rate 2")),
              """
              Small steps only make the sigmoid slower: at 0.1 the same number of epochs ends far below. The chapter's 0.9 is
              on the careful side, 2 learns faster. What is right depends on the network (see the activations above), and
              trying it is the way to find out.\
              """),
          new Exercise(
              "init",
              "The initial parameters",
              """
              What are good numbers to begin with?\
              """,
              List.of(
                  CHAPTER,
                  new Variant("he-uniform", "--init he-uniform"),
                  RELU_AND_MAX,
                  new Variant("relu-max-he-uniform", RELU_MAX + " --init he-uniform")),
              """
              Glorot's variance, 2 / (fan-in + fan-out), is made for activations that are steep around 0, He's, 2 / fan-in, for
              ReLU, whose output is 0 for half of its inputs. Larger initial kernels get a sigmoid off its plateau at another
              time: look at where the curves drop.\
              """),
          new Exercise(
              "epochs",
              "The number of epochs",
              """
              What does patience bring?\
              """,
              List.of(
                  new Variant("epochs-5", "--epochs 5"),
                  CHAPTER,
                  new Variant("epochs-20", "--epochs 20")),
              """
              The chapter stops long before the network is done: the loss still falls after ten epochs, and twice as many bring
              the sigmoid network close to what ReLU reaches in ten. Training and test accuracy stay close together, so there
              is no overfitting yet.\
              """),
          new Exercise(
              "optimizer",
              "Other ways down",
              """
              Does an optimiser with a memory do better than plain steps?\
              """,
              List.of(
                  CHAPTER,
                  new Variant("adam", "--optimizer adam --learning-rate 0.001"),
                  RELU_AND_MAX,
                  new Variant(
                      "relu-max-adam",
                      "--activation relu --pooling max --optimizer adam --learning-rate 0.001")),
              """
              Adam divides each parameter's step by how large its gradients have been, which is what a plateau with small
              gradients wants: it helps the sigmoid network, and the one with ReLU too.\
              """),
          new Exercise(
              "improved",
              "All of it together",
              """
              How good does the network become with what the tables above speak for?\
              """,
              List.of(CHAPTER, new Variant("modern", "--preset modern --epochs 16")),
              """
              The preset puts together ReLU, the maximum and Adam, which did better in the tables above, with more channels,
              smaller kernels, a learning rate that goes down, dropout, and images mirrored at random; it was chosen on validation
              images (see training.md). It reaches far more than any single change does; the distance between training and
              test accuracy says how much of it is learned by heart.\
              """),
          new Exercise(
              "mnist",
              "The same on handwritten digits",
              """
              What do the chapter's network and the improved one reach on MNIST?\
              """,
              List.of(
                  new Variant("mnist-chapter", "--dataset mnist"),
                  new Variant("mnist-modern", "--dataset mnist --preset modern --epochs 16")),
              """
              Digits differ more from one another than shirts from coats do: the same networks with the same settings have fewer
              errors. The order of the networks can be compared with the one on garments above.\
              """),
          new Exercise(
              "garments",
              "Activations for sweaters and coats",
              """
              What do the first and the second convolution make of garments that resemble each other?\
              """,
              List.of(CHAPTER, RELU_AND_MAX),
              List.of("pullover", "pullover", "coat", "coat"),
              """
              The first convolution responds to edges of a direction and to plain areas: its maps are still images of the
              garment. Those of the second are coarse, and show where a combination of such edges was found. Pullover and
              coat, both with two sleeves and a waist, give much the same pattern of maps; what parts them is little.\
              """),
          new Exercise(
              "strange",
              "Activations for images that are no garments",
              """
              What does the network do with a cat, a car, and random pixels? Cat and car are drawn by the script;
              the pullover is there to compare with.\
              """,
              List.of(CHAPTER, RELU_AND_MAX),
              List.of("pullover", "cat", "car", "noise"),
              """
              There is no class "none of these": the network finds a garment in everything, at times with a probability that
              looks sure. The maps show why: the same edges and areas are found in a cat as in a garment, and the network has
              never been told of anything else. To noise, edges without any order, the first layer responds everywhere and the
              second, with ReLU, less than to an image.\
              """));

  private static final String USAGE =
      """
      Usage: java docs/exercises/Exercises.java [OPTIONS]

      Does the chapter's exercises and writes docs/exercises.md. Run it from the repository's root.
      Interrupted, it goes on where it was; runs that are finished are not done again.

        --seeds N        Runs of each variant, with the seeds 1 to N. Default: 3.
        --epochs N       Of runs that don't say otherwise. Default: 10.
        --dataset D      As for ./lenet train. Default: auto.
        --data-dir DIR   As for ./lenet train; holds fashion-mnist/ and mnist/.
        --work DIR       Runs and their logs. Default: runs/exercises.
        --only NAME      This exercise alone, one of
                         %s.
        --output FILE.md The page; its images go to images/ beside it.
                         Default: docs/exercises.md, with --only exercises.md in the work directory.
        --lenet FILE     The launcher. Default: that of this repository.
        --help           Show this help.
      """
          .formatted(EXERCISES.stream().map(Exercise::name).collect(Collectors.joining(" ")));

  /** Where the page says that the runs are, wherever they are on the machine that wrote it. */
  private static final String SHOWN_WORK = "runs/exercises";

  private static final boolean WINDOWS = File.separatorChar == '\\';

  /** Of {@code --dataset}; what is none of these is a directory. */
  private static final Set<String> FETCHED = Set.of("auto", "fashion-mnist", "mnist");

  /** How many test images are searched for one of a class. */
  private static final int IMAGES_SEARCHED = 100;

  private static final int SECONDS_FOR_CHILD_TO_END = 30;

  private final Options options;
  private final List<Exercise> exercises;
  private final List<Variant> variants;
  private final List<Run> runs = new ArrayList<>();

  private Exercises(Options options) {
    this.options = options;
    exercises =
        EXERCISES.stream()
            .filter(exercise -> options.only().map(exercise.name()::equals).orElse(true))
            .toList();
    variants = distinct(EXERCISES).stream().filter(this::isAsked).toList();
  }

  private boolean isAsked(Variant variant) {
    return exercises.stream().anyMatch(exercise -> exercise.variants().contains(variant));
  }

  /** Each variant once, wherever it is compared. */
  private static List<Variant> distinct(List<Exercise> exercises) {
    Set<Variant> variants = new LinkedHashSet<>();
    exercises.forEach(exercise -> variants.addAll(exercise.variants()));
    Set<String> names = variants.stream().map(Variant::name).collect(Collectors.toSet());
    Set<String> flags = variants.stream().map(Variant::flags).collect(Collectors.toSet());
    if (names.size() < variants.size() || flags.size() < variants.size()) {
      throw new IllegalStateException(
          "EXERCISES: a name has two sets of flags, or a set two names");
    }
    return List.copyOf(variants);
  }

  /**
   * Settings of a run.
   *
   * @param name of its directory, its line and its curve; the same flags have the same name
   *     everywhere
   * @param flags for {@code ./lenet train}, separated by blanks; {@code --epochs} and {@code
   *     --dataset} win over those of the script
   */
  record Variant(String name, String flags) {

    List<String> words() {
      return flags.isEmpty() ? List.of() : List.of(flags.split(" "));
    }

    Optional<String> flag(String option) {
      int at = words().indexOf(option);
      return at < 0 ? Optional.empty() : Optional.of(words().get(at + 1));
    }
  }

  /**
   * A section of the page.
   *
   * @param name for {@code --only} and its images' files
   * @param question what is asked
   * @param variants to compare; or the networks to look into
   * @param images to look at: {@code cat}, {@code car}, {@code noise}, or a class of the data set
   *     for its next test image; none where runs are compared
   * @param meaning of what the table shows
   */
  record Exercise(
      String name,
      String title,
      String question,
      List<Variant> variants,
      List<String> images,
      String meaning) {

    Exercise(String name, String title, String question, List<Variant> variants, String meaning) {
      this(name, title, question, variants, List.of(), meaning);
    }
  }

  /** How a run ended. */
  enum Ending {
    DONE,
    DIVERGED,
    FAILED
  }

  /**
   * A line of {@code metrics.csv}.
   *
   * @param seconds of the epoch, with its evaluation
   */
  record Epoch(double trainLoss, double trainAccuracy, double testAccuracy, double seconds) {}

  /**
   * A run that has ended.
   *
   * @param parameters of the network, as the command prints them; "?" if it did not come to that
   * @param epochs the finished ones
   */
  record Run(Variant variant, int seed, Ending ending, String parameters, List<Epoch> epochs) {

    String name() {
      return variant.name() + "-seed" + seed;
    }

    Epoch last() {
      return epochs.get(epochs.size() - 1);
    }
  }

  /**
   * What a run learned from.
   *
   * @param note empty, or what must be said along with every result
   * @param files names of the unpacked files and their SHA-256, in the form of the page
   */
  record Data(String title, String note, List<String> files) {}

  /**
   * The prediction of a network for an image, and the activations.
   *
   * @param means of each layer, over its channels
   * @param maxima of each layer
   */
  record Prediction(
      String image,
      String className,
      double probability,
      Map<String, Double> means,
      Map<String, Double> maxima) {}

  /** What the user asked for. */
  record Options(
      int seeds,
      int epochs,
      String dataset,
      Optional<Path> dataDirectory,
      Path work,
      Optional<String> only,
      Path page,
      Path lenet) {

    private static final List<String> NAMES =
        List.of(
            "--seeds",
            "--epochs",
            "--dataset",
            "--data-dir",
            "--work",
            "--only",
            "--output",
            "--lenet");

    Options {
      require(seeds > 0, "--seeds (" + seeds + ") must be positive");
      require(epochs > 0, "--epochs (" + epochs + ") must be positive");
      for (String name : only.stream().toList()) {
        require(
            EXERCISES.stream().anyMatch(exercise -> exercise.name().equals(name)),
            "--only: there is no exercise '" + name + "'");
      }
      require(
          Files.isRegularFile(lenet),
          lenet + ": there is no such launcher. Run this from the repository's root.");
    }

    private static void require(boolean condition, String otherwise) {
      if (!condition) {
        throw new IllegalArgumentException(otherwise);
      }
    }

    static Options parse(List<String> arguments) {
      Map<String, String> given = new LinkedHashMap<>();
      for (int i = 0; i < arguments.size(); i += 2) {
        require(NAMES.contains(arguments.get(i)), "unknown option " + arguments.get(i));
        require(i + 1 < arguments.size(), arguments.get(i) + ": a value is missing");
        given.put(arguments.get(i), arguments.get(i + 1));
      }
      Path work = Path.of(given.getOrDefault("--work", SHOWN_WORK));
      Optional<String> only = Optional.ofNullable(given.get("--only"));
      Path page = only.map(name -> work).orElse(Path.of("docs")).resolve("exercises.md");
      return new Options(
          number(given, "--seeds", 3),
          number(given, "--epochs", 10),
          given.getOrDefault("--dataset", "auto"),
          Optional.ofNullable(given.get("--data-dir")).map(Path::of),
          work,
          only,
          Path.of(given.getOrDefault("--output", page.toString())),
          Path.of(given.getOrDefault("--lenet", WINDOWS ? "lenet.cmd" : "lenet")));
    }

    private static int number(Map<String, String> given, String option, int otherwise) {
      String text = given.getOrDefault(option, Integer.toString(otherwise));
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(option + ": expected a number, found '" + text + "'", e);
      }
    }

    /** What writes the same page on another machine: without the directories of this one. */
    String command() {
      return "java docs/exercises/Exercises.java --seeds %d --epochs %d --dataset %s%s"
          .formatted(seeds, epochs, dataset, only.map(name -> " --only " + name).orElse(""));
    }

    Path images() {
      return page.toAbsolutePath().getParent().resolve("images");
    }
  }

  /**
   * Trains, looks, writes. Exits with 0 if all is done, with 1 if a command failed, a run for
   * another reason than divergence among them, with 2 for wrong usage.
   *
   * @param arguments see {@code --help}
   * @throws InterruptedException never, as nobody interrupts
   */
  public static void main(String[] arguments) throws InterruptedException {
    if (List.of(arguments).contains("--help")) {
      System.out.print(USAGE);
      return;
    }
    try {
      System.exit(new Exercises(Options.parse(List.of(arguments))).execute() ? 0 : 1);
    } catch (IllegalArgumentException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println("error: " + e);
      System.exit(1);
    }
  }

  /** Does all of it; returns whether every run was done or diverged. */
  private boolean execute() throws IOException, InterruptedException {
    Files.createDirectories(options.work());
    Files.createDirectories(options.images());
    train();
    String text = page();
    Path temporary = options.page().resolveSibling(options.page().getFileName() + ".tmp");
    Files.writeString(temporary, text);
    Files.move(temporary, options.page(), StandardCopyOption.ATOMIC_MOVE);
    System.out.println(options.page());
    List<Run> failed = runs.stream().filter(run -> run.ending() == Ending.FAILED).toList();
    for (Run run : failed) {
      System.err.println("error: " + run.name() + ": " + lastWords(log(run.name())));
    }
    return failed.isEmpty();
  }

  // Commands.

  private Process start(List<String> arguments, Redirect out, Redirect err) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(options.lenet().toAbsolutePath().normalize().toString()));
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .directory(options.work().toFile()) // so that the figures show names, not directories
        .redirectInput(Redirect.from(new File(WINDOWS ? "NUL" : "/dev/null")))
        .redirectOutput(out)
        .redirectError(err)
        .start();
  }

  /** Waits for a command; whoever ends this program ends that one too. */
  private static int await(Process process) throws InterruptedException {
    Thread ender =
        new Thread(
            () -> {
              process.destroy();
              try {
                process.waitFor(SECONDS_FOR_CHILD_TO_END, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(ender);
    int status = process.waitFor();
    try {
      Runtime.getRuntime().removeShutdownHook(ender);
    } catch (IllegalStateException e) { // it is running: the command ended because we do
      Thread.sleep(Duration.ofSeconds(SECONDS_FOR_CHILD_TO_END).toMillis());
    }
    return status;
  }

  /** Runs a command that must succeed, and returns what it prints. */
  private String ask(List<String> arguments) throws IOException, InterruptedException {
    Path out = options.work().resolve("command.out");
    Path err = options.work().resolve("command.err");
    int status = await(start(arguments, Redirect.to(out.toFile()), Redirect.to(err.toFile())));
    if (status != 0) {
      throw new IOException(
          "lenet %s: exit %d: %s".formatted(String.join(" ", arguments), status, lastWords(err)));
    }
    return Files.readString(out);
  }

  private static String lastWords(Path log) throws IOException {
    return Files.readAllLines(log).stream()
        .filter(line -> line.startsWith("error:"))
        .reduce((first, second) -> second)
        .orElse("see " + log);
  }

  /** For a command that runs in the work directory. */
  private List<String> dataOptions(String dataset) {
    boolean fetched = FETCHED.contains(dataset);
    boolean directory = !fetched && !dataset.equals("sample");
    List<String> words = new ArrayList<>(List.of("--dataset"));
    words.add(directory ? Path.of(dataset).toAbsolutePath().normalize().toString() : dataset);
    if (fetched && options.dataDirectory().isPresent()) {
      words.addAll(
          List.of(
              "--data-dir", options.dataDirectory().get().toAbsolutePath().normalize().toString()));
    }
    return words;
  }

  // Runs.

  private static String name(Variant variant, int seed) {
    return variant.name() + "-seed" + seed;
  }

  private Path log(String name) {
    return options.work().resolve(name + ".log");
  }

  private int epochs(Variant variant) {
    return variant.flag("--epochs").map(Integer::parseInt).orElse(options.epochs());
  }

  private List<String> command(Variant variant, int seed) {
    List<String> words = new ArrayList<>(List.of("train"));
    words.addAll(dataOptions(variant.flag("--dataset").orElse(options.dataset())));
    words.addAll(List.of("--epochs", Integer.toString(epochs(variant))));
    List<String> flags = variant.words();
    for (int i = 0; i < flags.size(); i += 2) {
      if (!List.of("--dataset", "--epochs").contains(flags.get(i))) {
        words.addAll(flags.subList(i, i + 2));
      }
    }
    words.addAll(List.of("--seed", Integer.toString(seed), "--force", "--output"));
    words.add(name(variant, seed));
    return words;
  }

  /** Does what is not done yet; the first seed of all before the second, for those in a hurry. */
  private void train() throws IOException, InterruptedException {
    record Task(Variant variant, int seed) {}
    List<Task> tasks =
        IntStream.rangeClosed(1, options.seeds())
            .boxed()
            .flatMap(seed -> variants.stream().map(variant -> new Task(variant, seed)))
            .toList();
    List<Task> open = new ArrayList<>();
    for (Task task : tasks) {
      if (ended(task.variant(), task.seed()).ending() == Ending.FAILED) {
        open.add(task);
      }
    }
    System.err.printf(
        "%d runs, %d of them done already%n", tasks.size(), tasks.size() - open.size());
    int epochsLeft = open.stream().mapToInt(task -> epochs(task.variant())).sum();
    int epochsDone = 0;
    long start = System.nanoTime();
    for (int i = 0; i < open.size(); i++) {
      Task task = open.get(i);
      System.err.printf("%d/%d %s: ", i + 1, open.size(), name(task.variant(), task.seed()));
      Run run = train(task.variant(), task.seed());
      epochsDone += epochs(task.variant());
      epochsLeft -= epochs(task.variant());
      double minutes = (System.nanoTime() - start) / 60e9;
      System.err.printf(
          Locale.ROOT,
          "%s; %.0f min gone, about %.0f left%n",
          run.ending() == Ending.DONE
              ? String.format(Locale.ROOT, "test accuracy %.3f", run.last().testAccuracy())
              : run.ending().name().toLowerCase(Locale.ROOT),
          minutes,
          minutes / epochsDone * epochsLeft);
    }
    for (Task task : tasks) {
      runs.add(ended(task.variant(), task.seed()));
    }
  }

  /** The log begins with the command and ends with the status, so that it tells what was done. */
  private Run train(Variant variant, int seed) throws IOException, InterruptedException {
    List<String> command = command(variant, seed);
    Path log = log(name(variant, seed));
    Files.writeString(log, String.join(" ", command) + "\n");
    Redirect end = Redirect.appendTo(log.toFile());
    int status = await(start(command, end, end));
    Files.writeString(log, "exit " + status + "\n", StandardOpenOption.APPEND);
    if (status == 2) {
      throw new IOException(String.join(" ", command) + ": " + lastWords(log));
    }
    return ended(variant, seed);
  }

  /** What is there of a run; failed, if it was not done, or by another command. */
  private Run ended(Variant variant, int seed) throws IOException {
    String name = name(variant, seed);
    Path directory = options.work().resolve(name);
    List<String> log = Files.exists(log(name)) ? Files.readAllLines(log(name)) : List.of("");
    String status = log.get(log.size() - 1);
    Ending ending = Ending.FAILED;
    List<Epoch> epochs = List.of();
    if (log.get(0).equals(String.join(" ", command(variant, seed)))) {
      if (status.equals("exit 1")
          && log.stream().anyMatch(line -> line.startsWith("error: training diverged"))) {
        ending = Ending.DIVERGED;
      } else if (status.equals("exit 0") && Files.exists(directory.resolve("metrics.csv"))) {
        ending = Ending.DONE;
        epochs = epochs(directory.resolve("metrics.csv"));
      }
    }
    String parameters =
        log.stream()
            .flatMap(line -> first("with ([0-9,]+) parameters", line).stream())
            .findFirst()
            .orElse("?");
    return new Run(variant, seed, ending, parameters, epochs);
  }

  private static List<Epoch> epochs(Path csv) throws IOException {
    List<String> lines =
        Files.readAllLines(csv).stream().filter(line -> !line.startsWith("#")).toList();
    List<String> names = List.of(lines.get(0).split(","));
    return lines.stream()
        .skip(1)
        .map(line -> line.split(","))
        .map(
            cells ->
                new Epoch(
                    Double.parseDouble(cells[names.indexOf("train_loss")]),
                    Double.parseDouble(cells[names.indexOf("train_accuracy")]),
                    Double.parseDouble(cells[names.indexOf("test_accuracy")]),
                    Double.parseDouble(cells[names.indexOf("seconds")])))
        .toList();
  }

  private static Optional<String> first(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .findFirst();
  }

  // The page.

  private String page() throws IOException, InterruptedException {
    StringBuilder page = new StringBuilder();
    String version = ask(List.of("--version")).strip().replace("\n", ", ");
    page.append("# The chapter's exercises\n\n");
    page.append("<!-- Written by docs/exercises/Exercises.java: change that, not this. -->\n\n");
    page.append("    ").append(options.command()).append("\n\n");
    page.append(
        """
        wrote this page: what the exercises of the chapter ask for, in its newer text and in the older one. A line of a
        table is %s, of

            ./lenet train --dataset %s --epochs %d FLAGS --seed 1

        *test acc* is measured on the test images after the last epoch%s. *train acc*
        and *loss* are those of the last epoch as well; [training.md](training.md#what-the-numbers-mean) says what they mean.
        *s/epoch* is the median of all epochs on the machine below, with whatever else it did, and no careful benchmark:
        [performance.md](performance.md) has one. *diverged*: the loss was no longer a number, and the run ended there. The
        curves are those of seed 1.

        Made with %s. Machine: %s.

        """
            .formatted(
                options.seeds() == 1
                    ? "a run, with seed 1"
                    : "the mean of %1$d runs, with the seeds 1 to %1$d".formatted(options.seeds()),
                options.dataset(),
                options.epochs(),
                options.seeds() == 1 ? "" : ", ± the sample standard deviation over the seeds",
                version,
                machine()));
    for (Exercise exercise : exercises) {
      page.append("- [")
          .append(exercise.title())
          .append("](#")
          .append(anchor(exercise))
          .append(")\n");
    }
    page.append('\n');
    for (Exercise exercise : exercises) {
      System.err.println("writing: " + exercise.name());
      page.append("## ").append(exercise.title()).append("\n\n").append(exercise.question());
      page.append("\n\n    java docs/exercises/Exercises.java --only ").append(exercise.name());
      page.append("\n\n");
      if (exercise.images().isEmpty()) {
        compare(exercise, page);
      } else {
        look(exercise, page);
      }
      page.append(exercise.meaning()).append("\n\n");
    }
    page.append("## The data\n\n");
    for (Data data : data()) {
      page.append(data.title())
          .append(". ")
          .append(data.note())
          .append(data.note().isEmpty() ? "" : " ");
      page.append("SHA-256 of the unpacked files, [more](data.md):\n\n");
      data.files().forEach(file -> page.append("- ").append(file).append('\n'));
      page.append('\n');
    }
    return page.toString().stripTrailing() + "\n";
  }

  /** As GitHub makes it of a heading. */
  private static String anchor(Exercise exercise) {
    return exercise
        .title()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} -]", "")
        .replace(' ', '-');
  }

  private static String machine() throws IOException {
    Path cpuinfo = Path.of("/proc/cpuinfo"); // Linux has it
    List<String> lines = Files.exists(cpuinfo) ? Files.readAllLines(cpuinfo) : List.of();
    String processor =
        lines.stream()
            .flatMap(line -> first("^model name\\s*:\\s*(.*\\S)", line).stream())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
    return "%s, %d cores, %s"
        .formatted(
            processor, Runtime.getRuntime().availableProcessors(), System.getProperty("os.name"));
  }

  /** What the runs learned from, each data set once; the same files for all that name none. */
  private List<Data> data() throws IOException {
    Map<String, Set<Data>> byOption = new LinkedHashMap<>();
    for (Run run : runs) {
      if (run.ending() == Ending.DONE) {
        String config = Files.readString(options.work().resolve(run.name()).resolve("config.json"));
        String part = config.substring(config.indexOf("\"data\" : {"));
        List<String> files =
            Pattern.compile("\"name\" : \"([^\"]+)\".*?\"raw_sha256\" : \"(\\w+)\"", Pattern.DOTALL)
                .matcher(part)
                .results()
                .map(
                    file ->
                        "`%s` `%s`"
                            .formatted(file.group(1).replaceAll("\\.gz$", ""), file.group(2)))
                .toList();
        Data data =
            new Data(
                first("\"title\" : \"(.*)\"", part).orElseThrow(),
                first("\"note\" : \"(.*)\"", part).orElseThrow(),
                files);
        String option = run.variant().flag("--dataset").orElse(options.dataset());
        byOption.computeIfAbsent(option, key -> new LinkedHashSet<>()).add(data);
      }
    }
    for (Map.Entry<String, Set<Data>> data : byOption.entrySet()) {
      if (data.getValue().size() > 1) {
        throw new IOException(
            "%s: runs learned from different data: %s. Delete them, and name the --dataset."
                .formatted(options.work(), data.getValue().stream().map(Data::title).toList()));
      }
    }
    return byOption.values().stream().flatMap(Set::stream).distinct().toList();
  }

  private List<Run> runs(Variant variant) {
    return runs.stream().filter(run -> run.variant().equals(variant)).toList();
  }

  private void compare(Exercise exercise, StringBuilder page)
      throws IOException, InterruptedException {
    page.append("| run | flags | parameters | test acc | train acc | loss | s/epoch |\n");
    page.append("|---|---|---|---|---|---|---|\n");
    for (Variant variant : exercise.variants()) {
      page.append("| ").append(String.join(" | ", cells(variant))).append(" |\n");
    }
    page.append('\n');
    List<Run> drawn =
        exercise.variants().stream()
            .map(variant -> runs(variant).get(0))
            .filter(run -> run.ending() == Ending.DONE)
            .toList();
    if (!drawn.isEmpty()) {
      String file = "exercise-" + exercise.name() + ".svg";
      List<String> words = new ArrayList<>(List.of("compare"));
      drawn.forEach(run -> words.add(run.name()));
      words.addAll(List.of("--force", "--output", options.images().resolve(file).toString()));
      ask(words);
      image(page, exercise.title() + ": loss and accuracy, seed 1", file);
    }
  }

  /** A line of a table; of the runs that were done, if some diverged. */
  private List<String> cells(Variant variant) {
    List<Run> all = runs(variant);
    List<Run> done = all.stream().filter(run -> run.ending() == Ending.DONE).toList();
    List<String> cells = new ArrayList<>();
    cells.add(variant.name());
    cells.add(variant.flags().isEmpty() ? "" : "`" + variant.flags() + "`");
    cells.add(
        all.stream()
            .map(Run::parameters)
            .filter(text -> !text.equals("?"))
            .findFirst()
            .orElse("?"));
    String accuracy = done.isEmpty() ? "" : spread(done, run -> run.last().testAccuracy());
    for (Ending ending : List.of(Ending.DIVERGED, Ending.FAILED)) {
      long count = all.stream().filter(run -> run.ending() == ending).count();
      if (count > 0) {
        String word = ending.name().toLowerCase(Locale.ROOT);
        String share = count == all.size() ? "" : " %d of %d".formatted(count, all.size());
        accuracy += (accuracy.isEmpty() ? "" : ", ") + word + share;
      }
    }
    cells.add(accuracy);
    if (done.isEmpty()) {
      cells.addAll(List.of("", "", ""));
    } else {
      cells.add(form("%.3f", mean(done, run -> run.last().trainAccuracy())));
      cells.add(form("%.3f", mean(done, run -> run.last().trainLoss())));
      double[] seconds =
          done.stream()
              .flatMap(run -> run.epochs().stream())
              .mapToDouble(Epoch::seconds)
              .sorted()
              .toArray();
      cells.add(
          form("%.1f", (seconds[(seconds.length - 1) / 2] + seconds[seconds.length / 2]) / 2));
    }
    return cells;
  }

  private static double mean(List<Run> runs, ToDoubleFunction<Run> value) {
    return runs.stream().mapToDouble(value).average().orElseThrow();
  }

  private static String spread(List<Run> runs, ToDoubleFunction<Run> value) {
    double mean = mean(runs, value);
    if (runs.size() == 1) {
      return form("%.3f", mean);
    }
    double squares =
        runs.stream().mapToDouble(run -> Math.pow(value.applyAsDouble(run) - mean, 2)).sum();
    return form("%.3f ± %.3f", mean, Math.sqrt(squares / (runs.size() - 1)));
  }

  private static String form(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static void image(StringBuilder page, String words, String file) {
    page.append("![").append(words).append("](images/").append(file).append(")\n\n");
  }

  // Looking.

  private void look(Exercise exercise, StringBuilder page)
      throws IOException, InterruptedException {
    for (Variant variant : exercise.variants()) {
      List<Run> done = runs(variant).stream().filter(run -> run.ending() == Ending.DONE).toList();
      if (done.isEmpty()) {
        page.append("No network `")
            .append(variant.name())
            .append("` came out of the training.\n\n");
        continue;
      }
      List<String> images = images(exercise.images(), done.get(0));
      String file = "exercise-%s-%s.png".formatted(exercise.name(), variant.name());
      List<List<Prediction>> predictions = new ArrayList<>();
      for (Run run : done) {
        Path figure = options.images().resolve(file);
        if (run != done.get(0)) {
          figure = Path.of(run.name() + "-" + exercise.name() + ".png");
        }
        List<String> words = new ArrayList<>(List.of("activations", run.name()));
        words.addAll(images);
        words.addAll(dataOptions(options.dataset()));
        words.addAll(List.of("--json", "--force", "--output", figure.toString()));
        predictions.add(predictions(ask(words)));
      }
      page.append("The network `").append(variant.name()).append("`:\n\n    ./lenet activations ");
      page.append(SHOWN_WORK).append('/').append(done.get(0).name());
      for (String image : images) {
        page.append(' ').append(image.endsWith(".png") ? "docs/images/exercise-" : "");
        page.append(image);
      }
      page.append(" --dataset ").append(options.dataset()).append(" --output seen.png\n\n");
      predictions(predictions, page);
      image(page, exercise.title() + ": the network " + variant.name(), file);
    }
  }

  /** A line per image: the predicted class of each seed's network, and activations of the first. */
  private void predictions(List<List<Prediction>> bySeed, StringBuilder page) {
    List<Prediction> first = bySeed.get(0);
    List<String> layers =
        first.get(0).means().keySet().stream().filter(layer -> layer.startsWith("conv")).toList();
    page.append("| image | predicted class, by each seed's network |");
    layers.forEach(layer -> page.append(" %s mean | %s max |".formatted(layer, layer)));
    page.append("\n|---|---|").append("---|---|".repeat(layers.size())).append('\n');
    for (int i = 0; i < first.size(); i++) {
      int at = i;
      page.append("| ").append(first.get(i).image()).append(" | ");
      page.append(
          bySeed.stream()
              .map(predictions -> predictions.get(at))
              .map(prediction -> form("%s %.3f", prediction.className(), prediction.probability()))
              .collect(Collectors.joining(", ")));
      for (String layer : layers) {
        page.append(form(" | %.3f", first.get(i).means().get(layer)));
        page.append(form(" | %.3f", first.get(i).maxima().get(layer)));
      }
      page.append(" |\n");
    }
    page.append('\n');
  }

  /** What {@code activations --json} prints, read member by member: they come in this order. */
  private static List<Prediction> predictions(String json) {
    List<Prediction> predictions = new ArrayList<>();
    Matcher members =
        Pattern.compile("\"(file|label|name|probability|mean|max)\"\\s*:\\s*(\"(.*?)\"|[^,}\\s]+)")
            .matcher(json.substring(json.indexOf("\"images\"")));
    String image = "";
    String name = "";
    Map<String, List<Double>> means = new LinkedHashMap<>();
    while (members.find()) {
      String text = members.group(3);
      switch (members.group(1)) {
        case "file" -> image = text;
        case "label" -> image += " (" + text + ")";
        case "name" -> name = text; // of the class, then of the layers
        case "probability" -> {
          double probability = Double.parseDouble(members.group(2));
          predictions.add(
              new Prediction(image, name, probability, new LinkedHashMap<>(), new LinkedHashMap<>()));
          means = new LinkedHashMap<>();
        }
        default -> {
          double value = Double.parseDouble(members.group(2));
          Prediction prediction = predictions.get(predictions.size() - 1);
          if (members.group(1).equals("max")) {
            prediction.maxima().merge(name, value, Math::max);
          } else {
            means.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
            prediction
                .means()
                .put(name, means.get(name).stream().mapToDouble(each -> each).average().orElse(0));
          }
        }
      }
    }
    return predictions;
  }

  /** What the command calls the images: drawn ones, noise, or test images of these classes. */
  private List<String> images(List<String> asked, Run run)
      throws IOException, InterruptedException {
    List<String> indices = IntStream.range(0, IMAGES_SEARCHED).mapToObj(i -> "test:" + i).toList();
    List<String> words = new ArrayList<>(List.of("predict", run.name()));
    words.addAll(indices);
    words.addAll(dataOptions(options.dataset()));
    words.add("--json");
    List<String> found =
        Pattern.compile("\"label\"\\s*:\\s*\"(.*?)\"")
            .matcher(ask(words))
            .results()
            .map(label -> label.group(1))
            .collect(Collectors.toCollection(ArrayList::new));
    List<String> images = new ArrayList<>();
    for (String what : asked) {
      int at = found.indexOf(what);
      if (what.equals("noise")) {
        images.add(what);
      } else if (what.equals("cat") || what.equals("car")) {
        BufferedImage drawn = what.equals("cat") ? cat() : car();
        String file = what + ".png";
        ImageIO.write(drawn, "png", options.work().resolve(file).toFile());
        ImageIO.write(drawn, "png", options.images().resolve("exercise-" + file).toFile());
        images.add(file);
      } else if (at < 0) {
        throw new IOException(
            "among the first %d test images there is no further %s"
                .formatted(found.size(), what));
      } else {
        found.set(at, ""); // the next one of this class is another one
        images.add("test:" + at);
      }
    }
    return images;
  }

  private static Graphics2D pencil(BufferedImage image) {
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    g.setColor(Color.DARK_GRAY);
    return g;
  }

  private static Path2D polygon(double... coordinates) {
    Path2D path = new Path2D.Double();
    path.moveTo(coordinates[0], coordinates[1]);
    for (int i = 2; i < coordinates.length; i += 2) {
      path.lineTo(coordinates[i], coordinates[i + 1]);
    }
    path.closePath();
    return path;
  }

  /** A cat that sits and looks at you, 112×112 pixels. */
  private static BufferedImage cat() {
    BufferedImage image = new BufferedImage(112, 112, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = pencil(image);
    g.fill(new Ellipse2D.Double(28, 52, 48, 56));
    g.fill(new Ellipse2D.Double(30, 18, 44, 40));
    g.fill(polygon(31, 36, 32, 6, 50, 22));
    g.fill(polygon(73, 36, 72, 6, 54, 22));
    g.setStroke(new BasicStroke(8, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(new CubicCurve2D.Double(70, 100, 108, 104, 80, 70, 102, 56));
    g.setColor(Color.WHITE);
    g.fill(new Ellipse2D.Double(38, 32, 9, 8));
    g.fill(new Ellipse2D.Double(57, 32, 9, 8));
    g.fill(polygon(48, 45, 56, 45, 52, 50));
    g.dispose();
    return image;
  }

  /** A car from the side, 112×112 pixels. */
  private static BufferedImage car() {
    BufferedImage image = new BufferedImage(112, 112, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = pencil(image);
    g.fill(polygon(6, 76, 8, 58, 28, 54, 42, 36, 76, 36, 90, 54, 106, 60, 106, 76));
    g.setColor(Color.LIGHT_GRAY);
    g.fill(polygon(36, 54, 46, 41, 56, 41, 56, 54));
    g.fill(polygon(61, 54, 61, 41, 73, 41, 82, 54));
    for (int x : new int[] {18, 74}) {
      g.setColor(Color.BLACK);
      g.fill(new Ellipse2D.Double(x, 64, 22, 22));
      g.setColor(Color.LIGHT_GRAY);
      g.fill(new Ellipse2D.Double(x + 7, 71, 8, 8));
    }
    g.dispose();
    return image;
  }
}
