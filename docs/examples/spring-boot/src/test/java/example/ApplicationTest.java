package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

@SpringBootTest
@AutoConfigureMockMvc
class ApplicationTest {

  @Autowired MockMvcTester mvc;

  @Test
  void classifiesAnImage() throws IOException {
    Path trousers = Path.of("../embedding/src/main/resources/example/trousers.png");
    assertThat(classify(Files.readAllBytes(trousers)))
        .hasStatusOk()
        .bodyJson()
        .extractingPath("$[0].className")
        .isEqualTo("trouser");
  }

  @Test
  void refusesWhatIsNoImage() {
    assertThat(classify("text".getBytes())).hasStatus(400).bodyText().contains("is no image");
  }

  private MvcTestResult classify(byte[] image) {
    return mvc.post().uri("/classify").multipart().file("image", image).exchange();
  }
}
