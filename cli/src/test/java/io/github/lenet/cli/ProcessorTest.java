package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProcessorTest {

  @Test
  void readsTheFirstBlockOfAnX86Processor() {
    Processor processor =
        Processor.parse(
            List.of(
                "processor\t: 0",
                "model name\t: Example: 3 GHz",
                "flags\t\t: fpu sse avx avx2 fma avx512f avx512_vnni",
                "",
                "processor\t: 1",
                "model name\t: Another"));

    assertEquals("Example: 3 GHz", processor.name());
    assertEquals(List.of("avx2", "fma", "avx512f", "avx512_vnni"), processor.vectorUnits());
  }

  @Test
  void readsAnArmProcessorWhichHasNoName() {
    Processor processor = Processor.parse(List.of("Features\t: fp asimd crc32 asimddp sve"));

    assertEquals(new Processor("", List.of("asimd", "asimddp", "sve")), processor);
  }

  @Test
  void knowsNothingFromAnEmptyFile() {
    assertEquals(new Processor("", List.of()), Processor.parse(List.of()));
  }
}
