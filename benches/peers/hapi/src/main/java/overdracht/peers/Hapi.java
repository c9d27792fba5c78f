package overdracht.peers;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.ValidationResult;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.utilities.npm.NpmPackage;

/**
 * Times the HAPI FHIR validator, warm and on one thread: {@code Hapi SECONDS PACKAGE.tgz... -- FILE...}.
 * A line a file: file, nanoseconds per validation (median), errors.
 */
public final class Hapi {
  public static void main(String[] args) throws Exception {
    double seconds = Double.parseDouble(args[0]);
    List<String> packages = new ArrayList<>();
    List<String> files = new ArrayList<>();
    List<String> target = packages;
    for (int i = 1; i < args.length; i++) {
      if (args[i].equals("--")) target = files;
      else target.add(args[i]);
    }

    FhirContext context = FhirContext.forR4();
    PrePopulatedValidationSupport definitions = new PrePopulatedValidationSupport(context);
    for (String file : packages) {
      NpmPackage npm = NpmPackage.fromPackage(new FileInputStream(file));
      for (String name : npm.list("package")) {
        if (!name.endsWith(".json") || name.equals("package.json") || name.startsWith(".")) continue;
        try {
          Resource resource = (Resource) context.newJsonParser().parseResource(npm.load("package", name));
          switch (resource.fhirType()) {
            case "StructureDefinition", "ValueSet", "CodeSystem" -> definitions.addResource(resource);
            default -> { }
          }
        } catch (RuntimeException notADefinition) {
          // Examples and indexes lie in the same folder.
        }
      }
    }
    ValidationSupportChain chain =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            definitions,
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new SnapshotGeneratingValidationSupport(context));
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(false);
    FhirValidator validator = context.newValidator().registerValidatorModule(module);

    // The compiler of the virtual machine gets its time before any figure is taken.
    for (int pass = 0; pass < 3; pass++) {
      for (String file : files) validator.validateWithResult(Files.readString(Path.of(file)));
    }
    for (String file : files) {
      String text = Files.readString(Path.of(file));
      ValidationResult result = validator.validateWithResult(text);
      long warm = System.nanoTime() + (long) (seconds * 1e9);
      while (System.nanoTime() < warm) validator.validateWithResult(text);
      List<Long> times = new ArrayList<>();
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (times.size() < 3 || System.nanoTime() < end) {
        long start = System.nanoTime();
        validator.validateWithResult(text);
        times.add(System.nanoTime() - start);
      }
      times.sort(null);
      long errors =
          result.getMessages().stream()
              .filter(m -> m.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal())
              .count();
      System.out.println(file + "\t" + times.get(times.size() / 2) + "\t" + errors);
    }
  }
}
