package io.github.lenet.cli;

import io.github.lenet.cli.options.ModelArgument;
import io.github.lenet.cli.options.Numbers;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.serve.ModelServer;
import io.github.lenet.training.images.ImageDirectory;
import io.github.lenet.training.internal.console.DatasetLoader;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code lenet serve}: serves a model over HTTP. */
@Command(
    name = "serve",
    customSynopsis = "lenet serve MODEL [OPTIONS]",
    description = {
      "Serves a model with TensorFlow Serving's REST API, and a page to try it in the"
          + " browser.",
      "",
      "From a directory of numbered versions, the newest is served, including later"
          + " ones. Ctrl-C or SIGTERM stops the server after the requests in flight.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"1:failed", "2:wrong usage", "130, 143:stopped by Ctrl-C or SIGTERM"},
    footerHeading = "%nExamples:%n",
    footer = {"  lenet serve pretrained", "  lenet serve models/lenet --name garments --port 8601"},
    sortOptions = false)
final class ServeCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Mixin private ModelArgument model = new ModelArgument();

  @Option(
      names = "--port",
      paramLabel = "N",
      converter = Port.class,
      description = "Port to listen on; 0 selects any free port. Default: ${DEFAULT-VALUE}.")
  private int port = 8501;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "Name or address to listen on; 0.0.0.0 selects all. Default: ${DEFAULT-VALUE},"
              + " which only programs on this machine can reach.")
  private String host = "127.0.0.1";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      converter = Name.class,
      description = "Name of the model, as in /v1/models/NAME. Default: ${DEFAULT-VALUE}.")
  private String name = "lenet";

  @Option(
      names = "--batch-timeout",
      paramLabel = "MILLIS",
      converter = Window.class,
      description =
          "Milliseconds that a request waits for others in the same batch; with 0, only"
              + " while the network is busy. Default: 0.5.")
  private Duration batchWindow = ModelServer.Settings.BATCH_WINDOW;

  @Option(
      names = "--max-batch-size",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Maximum number of images in a batch. Default: ${DEFAULT-VALUE}.")
  private int maxBatchSize = ModelServer.Settings.MAX_BATCH_SIZE;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description =
          "Directory of the page's test images: the four files of Fashion-MNIST or MNIST."
              + " Default: the cache, or images drawn by this program.")
  private Optional<Path> dataDirectory = Optional.empty();

  @Option(
      names = "--cors",
      paramLabel = "ORIGIN",
      converter = Origin.class,
      description =
          "Let the pages of an origin, such as https://example.org, ask in a browser; * for all."
              + " Default: none but the server's own.")
  private Optional<String> origin = Optional.empty();

  ServeCommand(Console console) {
    this.console = console;
  }

  /** Serves until a signal ends the process. */
  @Override
  public Integer call() throws IOException, InterruptedException {
    try {
      dataDirectory.ifPresent(
          directory ->
              new DatasetLoader(
                      Optional.of(directory),
                      true,
                      ImageDirectory.Settings.DEFAULT,
                      DatasetLoader.Listener.NONE)
                  .check("auto"));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    ModelServer.Settings settings =
        new ModelServer.Settings(
            model.path(), name, host, port, batchWindow, maxBatchSize, dataDirectory, origin);
    TensorFlowRuntime.prepare();
    TensorFlow.version(); // fails on missing natives with the same message as other commands
    try (ModelServer server = new ModelServer(settings, console.err()::println)) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "lenet-end-of-serving"));
      announce(server);
      new CountDownLatch(1).await();
      return ExitCode.DONE;
    }
  }

  private void announce(ModelServer server) {
    String url = server.url();
    console.out().printf("serving %s (version %d) on %s%n", name, server.version(), url);
    console.out().printf("try: curl %sv1/models/%s%n", url, name);
    console.out().flush();
    if (!server.isLoopback()) {
      console
          .err()
          .println(
              "note: everyone with access to this machine can use the model, without"
                  + " authentication or encryption. Use a proxy if you need either.");
    }
  }

  /** Converts a port from 0 to 65535. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535) {
        return Integer.parseInt(text);
      }
      throw new TypeConversionException(
          "expected a port from 0 to 65535, found '%s'".formatted(text));
    }
  }

  /** Converts an origin: scheme, host and port, as browsers send it. */
  static final class Origin implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (text.equals("*") || text.matches("https?://[^/\\s]+")) {
        return text;
      }
      throw new TypeConversionException(
          "expected an origin such as https://example.org, or *, found '%s'".formatted(text));
    }
  }

  /** Converts a model name that needs no escapes in a URL path. */
  static final class Name implements ITypeConverter<String> {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_.-]+");

    @Override
    public String convert(String text) {
      if (FORM.matcher(text).matches()) {
        return text;
      }
      throw new TypeConversionException(
          "expected letters, digits, '_', '.' and '-', found '%s'".formatted(text));
    }
  }

  /** Converts milliseconds to a duration of at most one second. */
  static final class Window implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      double millis = new Numbers.Amount().convert(text);
      if (millis > 1000) {
        throw new TypeConversionException(
            "expected milliseconds from 0 to 1000, found '%s'".formatted(text));
      }
      return Duration.ofNanos(Math.round(millis * 1e6));
    }
  }
}
