package io.github.lenet.training.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "gpu:0", "gpu:12"})
  void readsWhatItPrints(String text) {
    assertEquals(text, Device.parse(text).toString());
  }

  @Test
  void aGpuWithoutNumberIsTheFirst() {
    assertEquals(Device.gpu(0), Device.parse("gpu"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "CPU",
        "cpu:0",
        "gpu:",
        "gpu:-1",
        "gpu:1x",
        "gpu:99999999999",
        "gpu:0,1",
        "tpu"
      })
  void saysWhatADeviceLooksLike(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Device.parse(text)).getMessage();
    assertTrue(message.contains("'" + text + "'") && message.contains("gpu:N"), message);
  }

  @Test
  void onlyGpusHaveNumbers() {
    assertEquals(OptionalInt.of(12), Device.gpu(12).gpu());
    assertEquals(OptionalInt.empty(), Device.CPU.gpu());
    assertEquals(OptionalInt.empty(), Device.AUTO.gpu());
    assertThrows(IllegalArgumentException.class, () -> Device.gpu(-1));
  }
}
