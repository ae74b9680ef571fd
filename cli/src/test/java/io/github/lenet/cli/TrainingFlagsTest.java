package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.Preset;
import io.github.lenet.training.TrainingConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class TrainingFlagsTest {

  private static final PrintStream NOWHERE = new PrintStream(new ByteArrayOutputStream());

  @ParameterizedTest
  @EnumSource
  void flagsGiveThePreset(Preset preset) {
    String flags = TrainingFlags.of(preset);

    assertEquals(
        preset.config(), parsed(flags.isEmpty() ? List.of() : List.of(flags.split(" "))), flags);
    assertEquals(preset == Preset.CLASSIC, flags.isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void theNameGivesThePresetToo(Preset preset) {
    assertEquals(
        preset.config(), parsed(List.of("--preset", preset.toString().toLowerCase(Locale.ROOT))));
  }

  @Test
  void whatIsSaidBesideAPresetHolds() {
    assertEquals(
        Preset.MODERN.config().toBuilder().seed(5).dropout(0.125).build(),
        parsed(List.of("--dropout", "0.125", "--preset", "modern", "--seed", "5")));
  }

  /** Of a new option, somebody has to decide what it is in a preset. */
  @Test
  void knowsEveryOptionThatAPresetMayHave() {
    Set<String> options = new TreeSet<>();
    for (var group : command().getCommandSpec().argGroups()) {
      if (!group.heading().equals(DataOptions.HEADING)) {
        group.allOptionsNested().stream().map(OptionSpec::longestName).forEach(options::add);
      }
    }
    options.removeAll(
        Set.of(
            "--preset",
            "--seed",
            "--threads",
            "--device",
            "--gpu-memory-limit",
            "--momentum",
            "--standardize"));
    assertEquals(new TreeSet<>(TrainingFlags.names()), options);
    assertTrue(options.contains("--augment"));
  }

  private static TrainingConfig parsed(List<String> flags) {
    CommandLine command = command();
    command.parseArgs(new ArrayList<>(flags).toArray(String[]::new));
    return ((TrainCommand) command.getCommand()).fresh().config();
  }

  private static CommandLine command() {
    return new CommandLine(new TrainCommand(new Console(NOWHERE, NOWHERE, false)));
  }
}
