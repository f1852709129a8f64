//! Templates, parsed once. Strict: a name that a page does not have is an error, not a gap.

use std::sync::LazyLock;

use handlebars::{Handlebars, RenderError};
use serde::Serialize;

use super::{assets::Addresses, shell::Shell};

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name, ".hbs")))),+]
    };
}

const SOURCES: &[(&str, &str)] = templates![
    "application",
    "application_created",
    "application_deactivate",
    "application_delete",
    "application_edit",
    "application_new",
    "applications",
    "applications_bulk",
    "applications_bulk_results",
    "application_restore",
    "application_transfer",
    "applications_deleted",
    "confirm",
    "emails_deliveries",
    "emails_delivery",
    "emails_rule",
    "emails_rules",
    "emails_template_edit",
    "emails_template_new",
    "emails_template_preview",
    "emails_template_versions",
    "emails_templates",
    "error",
    "invitation",
    "invitation_void",
    "me",
    "me_letters",
    "saved_view",
    "saved_views",
    "me_password",
    "me_sessions",
    "member_form",
    "organization",
    "organization_form",
    "organizations",
    "reference",
    "sign_in",
    "system_views",
    "user",
    "user_edit",
    "user_invite",
    "users",
    "partials/action",
    "partials/activate_form",
    "partials/activity",
    "partials/add_application",
    "partials/application_fields",
    "partials/application_more",
    "partials/application_properties",
    "partials/applications",
    "partials/applications_bulk_bar",
    "partials/applications_chips",
    "partials/applications_columns",
    "partials/applications_empty",
    "partials/applications_exports",
    "partials/applications_filters",
    "partials/applications_grid",
    "partials/applications_no_result",
    "partials/applications_row",
    "partials/applications_table",
    "partials/bulk_lines",
    "partials/check_box",
    "partials/credential",
    "partials/csrf",
    "partials/delivery_state",
    "partials/dialog",
    "partials/field_error",
    "partials/filter_choice",
    "partials/filter_days",
    "partials/filter_text",
    "partials/form_error",
    "partials/form_hidden",
    "partials/header",
    "partials/icon",
    "partials/keys_dialog",
    "partials/layout",
    "partials/link",
    "partials/messages",
    "partials/nav_link",
    "partials/optional_field",
    "partials/options",
    "partials/organization_menu",
    "partials/owner_field",
    "partials/pager",
    "partials/reference_operation",
    "partials/row_menu",
    "partials/role_field",
    "partials/sortable",
    "partials/state",
    "partials/status",
    "partials/tabs",
    "partials/text_field",
    "partials/time",
    "partials/tokens_until",
    "partials/used",
    "partials/user_menu",
    "partials/view_item",
    "partials/views_menu",
];

#[expect(
    clippy::expect_used,
    reason = "the templates are part of the binary, and a test parses them"
)]
static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    // Otherwise lines of a text that somebody entered would be indented as well.
    templates.set_prevent_indent(true);
    for (name, source) in SOURCES {
        templates.register_template_string(name, source).expect("a template that parses");
    }
    templates
});

/// A page's template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    Application,
    ApplicationCreated,
    ApplicationDeactivate,
    ApplicationDelete,
    ApplicationsDeleted,
    ApplicationEdit,
    ApplicationNew,
    Applications,
    ApplicationsBulk,
    ApplicationsBulkResults,
    ApplicationRestore,
    ApplicationTransfer,
    Confirm,
    EmailsDeliveries,
    EmailsDelivery,
    EmailsRule,
    EmailsRules,
    EmailsTemplateEdit,
    EmailsTemplateNew,
    /// Alone: without anything around it.
    EmailsTemplatePreview,
    EmailsTemplateVersions,
    EmailsTemplates,
    Error,
    Invitation,
    InvitationVoid,
    Me,
    MeLetters,
    SavedView,
    SavedViews,
    MePassword,
    MeSessions,
    MemberForm,
    Organization,
    OrganizationForm,
    Organizations,
    Reference,
    SignIn,
    SystemViews,
    User,
    UserEdit,
    UserInvite,
    Users,
}

impl Template {
    const fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::ApplicationCreated => "application_created",
            Self::ApplicationDeactivate => "application_deactivate",
            Self::ApplicationDelete => "application_delete",
            Self::ApplicationsDeleted => "applications_deleted",
            Self::ApplicationEdit => "application_edit",
            Self::ApplicationNew => "application_new",
            Self::Applications => "applications",
            Self::ApplicationsBulk => "applications_bulk",
            Self::ApplicationsBulkResults => "applications_bulk_results",
            Self::ApplicationRestore => "application_restore",
            Self::ApplicationTransfer => "application_transfer",
            Self::Confirm => "confirm",
            Self::EmailsDeliveries => "emails_deliveries",
            Self::EmailsDelivery => "emails_delivery",
            Self::EmailsRule => "emails_rule",
            Self::EmailsRules => "emails_rules",
            Self::EmailsTemplateEdit => "emails_template_edit",
            Self::EmailsTemplateNew => "emails_template_new",
            Self::EmailsTemplatePreview => "emails_template_preview",
            Self::EmailsTemplateVersions => "emails_template_versions",
            Self::EmailsTemplates => "emails_templates",
            Self::Error => "error",
            Self::Invitation => "invitation",
            Self::InvitationVoid => "invitation_void",
            Self::Me => "me",
            Self::MeLetters => "me_letters",
            Self::SavedView => "saved_view",
            Self::SavedViews => "saved_views",
            Self::MePassword => "me_password",
            Self::MeSessions => "me_sessions",
            Self::MemberForm => "member_form",
            Self::Organization => "organization",
            Self::OrganizationForm => "organization_form",
            Self::Organizations => "organizations",
            Self::Reference => "reference",
            Self::SignIn => "sign_in",
            Self::SystemViews => "system_views",
            Self::User => "user",
            Self::UserEdit => "user_edit",
            Self::UserInvite => "user_invite",
            Self::Users => "users",
        }
    }
}

#[derive(Serialize)]
struct Document<'a, C> {
    assets: Addresses,
    shell: &'a Shell,
    #[serde(flatten)]
    content: &'a C,
}

pub(super) fn render<C: Serialize>(
    template: Template,
    assets: Addresses,
    shell: &Shell,
    content: &C,
) -> Result<String, RenderError> {
    TEMPLATES.render(template.name(), &Document { assets, shell, content })
}

/// A document by itself, with nothing of the back office around it.
pub(super) fn render_alone<C: Serialize>(
    template: Template,
    content: &C,
) -> Result<String, RenderError> {
    TEMPLATES.render(template.name(), content)
}

#[cfg(test)]
mod tests;
