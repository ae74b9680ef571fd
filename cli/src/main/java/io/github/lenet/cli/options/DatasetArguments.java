package io.github.lenet.cli.options;

import io.github.lenet.cli.output.Suggestions;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.Mnist;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Arguments that name downloadable data sets. */
public final class DatasetArguments {

  /** The downloadable data sets. */
  public static final List<DatasetSource> SOURCES = List.of(FashionMnist.SOURCE, Mnist.SOURCE);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  // Strings, because picocli reports an argument that cannot be converted as an unknown one.
  @Parameters(
      paramLabel = "DATASET",
      defaultValue = "fashion-mnist",
      completionCandidates = Names.class,
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<String> names = new ArrayList<>();

  /** {@return the arguments, each once} */
  public List<String> names() {
    return names.stream().distinct().toList();
  }

  /** {@return the named data sets, each once} */
  public List<DatasetSource> sources() {
    return names.stream().map(this::source).distinct().toList();
  }

  /** {@return the downloadable data set of a name} */
  public DatasetSource source(String name) {
    return SOURCES.stream()
        .filter(source -> source.id().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new ParameterException(spec.commandLine(), unknown(name)));
  }

  private static String unknown(String name) {
    List<String> known = SOURCES.stream().map(DatasetSource::id).toList();
    return "unknown data set '%s'%s (%s)"
        .formatted(name, Suggestions.suggestion(name, known), String.join(", ", known));
  }

  /** Names of the data sets for help texts and shell completion. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return SOURCES.stream().map(DatasetSource::id).iterator();
    }
  }
}
