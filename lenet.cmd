@echo off
rem Runs the lenet command. In the source tree, it builds it the first time. After a change of the sources: mvnw package
rem JAVA_HOME chooses the Java, LENET_JAVA_OPTS adds to its options.
setlocal
set "home=%~dp0"
if defined JAVA_HOME (set "java=%JAVA_HOME%\bin\java.exe") else (set "java=java.exe")
set "version="
for /f "tokens=3" %%v in ('call "%java%" -version 2^>^&1 ^| findstr /c:" version "') do if not defined version set "version=%%~v"
if not defined version (
  echo error: no Java found: install a JDK 17 or newer, or set JAVA_HOME to one. 1>&2
  exit /b 1
)
for /f "delims=.-" %%v in ("%version%") do set "version=%%v"
if %version% LSS 17 (
  echo error: %java% is Java %version%; a JDK 17 or newer is needed. Set JAVA_HOME to one. 1>&2
  exit /b 1
)
rem Through the environment, since a command line is limited to 8,191 characters.
set "CLASSPATH=%home%..\lib\*"
if exist "%home%..\lib\lenet-cli.jar" goto run
set "list=%home%cli\target\classpath"
if not exist "%list%" (
  echo building lenet ^(the first time it downloads about 350 MB, and takes a few minutes^) ... 1>&2
  call "%home%mvnw.cmd" -q -B -f "%home%pom.xml" -pl cli -am -Dmaven.test.skip=true -Dspotless.check.skip -Dmaven.javadoc.skip -Dassembly.skipAssembly package 1>&2
  if errorlevel 1 (
    echo error: the build failed, see above. If it says that no compiler is provided, a JDK is needed, not only a Java runtime. 1>&2
    exit /b 1
  )
)
for /f "usebackq delims=" %%l in ("%list%") do set "CLASSPATH=%home%cli\target\lenet-cli.jar;%%l"
:run
rem TensorFlow reads these once, when its library is loaded.
if not defined TF_CPP_MIN_LOG_LEVEL set "TF_CPP_MIN_LOG_LEVEL=2"
if not defined TF_ENABLE_ONEDNN_OPTS set "TF_ENABLE_ONEDNN_OPTS=1"
set "options=-XX:+UseSerialGC -Djava.awt.headless=true"
if %version% GEQ 22 set "options=%options% --enable-native-access=ALL-UNNAMED"
if %version% GEQ 23 set "options=%options% --sun-misc-unsafe-memory-access=allow"
"%java%" %options% %LENET_JAVA_OPTS% io.github.lenet.cli.Lenet %*
exit /b %errorlevel%
