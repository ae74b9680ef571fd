package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "gpu:0", "gpu:12", "gpu:0,1", "gpu:3,0,12"})
  void readsWhatItPrints(String text) {
    assertEquals(text, Device.parse(text).toString());
  }

  @Test
  void aGpuWithoutNumberIsTheFirst() {
    assertEquals(new Device(Device.Kind.GPU, List.of(0)), Device.parse("gpu"));
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
        "gpu:1,",
        "gpu:,1",
        "gpu:0,x",
        "gpu:0;1",
        "tpu"
      })
  void saysWhatADeviceLooksLike(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Device.parse(text)).getMessage();
    assertTrue(message.contains("'" + text + "'") && message.contains("gpu:N"), message);
  }

  @Test
  void aGpuIsNamedOnce() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Device.parse("gpu:1,0,1")).getMessage();
    assertEquals("gpus ([1, 0, 1]) must be numbers from 0, each of them once", message);
  }

  @Test
  void onlyGpusHaveNumbers() {
    for (Device.Kind kind : Device.Kind.values()) {
      List<Integer> wrong = kind == Device.Kind.GPU ? List.of() : List.of(0);
      assertThrows(IllegalArgumentException.class, () -> new Device(kind, wrong), kind.toString());
    }
  }
}
