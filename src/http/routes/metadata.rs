//! `GET /fhir/metadata`.

use actix_web::HttpResponse;

use super::read::base;
use crate::fhir::FhirVersion;
use crate::http::answer::{Answer, Record};
use crate::http::call::Call;
use crate::http::capability::statement;
use crate::http::error::Refusal;
use crate::mapping::stu3::{alone, to_stu3};

/// Nobody's record: not audited.
pub async fn read(call: Call) -> HttpResponse {
    let answer = call.reply.acceptable().and_then(|()| {
        let release = call.reply.version();
        let statement = statement(&base(&call.request), release, call.now);
        match release {
            FhirVersion::R4 => Ok(statement),
            FhirVersion::Stu3 => to_stu3(&statement, &alone).resource.ok_or(Refusal::NotInStu3),
        }
    });
    match answer {
        Ok(statement) => call.reply.answer(Answer::fhir(statement, Record::Needless)),
        Err(refusal) => call.reply.refuse(&refusal),
    }
}
