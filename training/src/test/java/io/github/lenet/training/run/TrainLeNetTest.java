package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.training.TrainingConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TrainLeNetTest {

  @Test
  void withoutArgumentsItIsTheChaptersRun() {
    ConsoleTraining training = TrainLeNet.parse(new String[0]);

    assertEquals(TrainingConfig.builder().build(), training.config());
    assertEquals(new ConsoleTraining().options(), training.options());
  }

  @Test
  void takesEpochsAndDataDirectory() {
    ConsoleTraining training = TrainLeNet.parse(new String[] {"3", "files"});

    assertEquals(3, training.config().epochs());
    assertEquals(Path.of("files").toAbsolutePath().toString(), training.options().get("data_dir"));
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals("EPOCHS: expected a whole number, found 'ten'", message("ten"));
    assertEquals("epochs (0) must be positive", message("0"));
    assertEquals("expected at most 2 arguments, found 3", message("1", "2", "3"));
  }

  private static String message(String... arguments) {
    return assertThrows(IllegalArgumentException.class, () -> TrainLeNet.parse(arguments))
        .getMessage();
  }
}
