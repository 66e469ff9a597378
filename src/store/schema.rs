//! The tables as diesel sees them: one description for both databases. A test holds it against the migrated schemas.

diesel::table! {
    use crate::store::types::sql::*;
    region (code) {
        code -> Text,
        name -> Text,
        token -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    department (id) {
        id -> DbUuid,
        region -> Text,
        code -> Text,
        name -> Text,
        search -> Text,
        uscc -> Text,
        level -> Text,
        division -> Text,
        kind -> Text,
        rank -> Integer,
        aliases -> Text,
        contact -> Text,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    user_account (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> Nullable<DbUuid>,
        login -> Text,
        login_key -> Text,
        name -> Text,
        email -> Text,
        password_hash -> Text,
        password_at -> DbTime,
        password_history -> Text,
        must_change -> Bool,
        totp_secret -> Nullable<Text>,
        totp_pending -> Nullable<Text>,
        totp_step -> BigInt,
        inspector_id -> Nullable<DbUuid>,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    user_role (user_id, role) {
        user_id -> DbUuid,
        role -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    login_session (id) {
        id -> DbUuid,
        region -> Text,
        user_id -> DbUuid,
        refresh_hash -> Text,
        previous_hash -> Text,
        generation -> BigInt,
        created_at -> DbTime,
        used_at -> DbTime,
        expires_at -> DbTime,
        revoked_at -> Nullable<DbTime>,
        address -> Text,
        agent -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    throttle (key) {
        key -> Text,
        failures -> BigInt,
        last_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    idempotency (user_id, key) {
        user_id -> DbUuid,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        content_type -> Text,
        headers -> Text,
        body -> Binary,
        replays -> BigInt,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    setting (region, key) {
        region -> Text,
        key -> Text,
        value -> Text,
        version -> BigInt,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    journal_event (id) {
        id -> DbUuid,
        region -> Text,
        at -> DbTime,
        actor_id -> Nullable<DbUuid>,
        department_id -> Nullable<DbUuid>,
        act -> Text,
        object_kind -> Text,
        object_id -> Nullable<DbUuid>,
        request_id -> Text,
        address -> Text,
        leaf -> Binary,
        private_salt -> Nullable<Binary>,
        private_body -> Nullable<Binary>,
        seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    journal_tile (level, place) {
        level -> Integer,
        place -> BigInt,
        hashes -> Binary,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    journal_checkpoint (size) {
        size -> BigInt,
        root -> Text,
        note -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    sequencer (name) {
        name -> Text,
        epoch -> BigInt,
        holder -> Text,
        until -> DbTime,
        size -> BigInt,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    outbox (id) {
        id -> DbUuid,
        region -> Text,
        kind -> Text,
        recipient -> Text,
        user_id -> Nullable<DbUuid>,
        subject -> Text,
        body -> Text,
        message_id -> Text,
        state -> Text,
        attempts -> Integer,
        next_at -> DbTime,
        sent_at -> Nullable<DbTime>,
        last_error -> Text,
        object_id -> Nullable<DbUuid>,
        dedupe -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    job (id) {
        id -> DbUuid,
        region -> Text,
        kind -> Text,
        user_id -> DbUuid,
        object_id -> Nullable<DbUuid>,
        title -> Text,
        state -> Text,
        done -> BigInt,
        total -> BigInt,
        step -> Text,
        input -> Text,
        output -> Text,
        error -> Text,
        stop -> Bool,
        holder -> Text,
        attempts -> Integer,
        run_at -> DbTime,
        started_at -> Nullable<DbTime>,
        ended_at -> Nullable<DbTime>,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    upload (id) {
        id -> DbUuid,
        region -> Text,
        user_id -> DbUuid,
        department_id -> Nullable<DbUuid>,
        kind -> Text,
        file_name -> Text,
        sha256 -> Text,
        content -> Binary,
        state -> Text,
        report -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    item (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> DbUuid,
        code -> Text,
        revision -> Integer,
        list_level -> Text,
        name -> Text,
        search -> Text,
        field -> Text,
        object -> Text,
        kinds -> Text,
        details -> Text,
        mode -> Text,
        notice -> Text,
        ratio_text -> Text,
        ratio -> Text,
        frequency_cap -> Nullable<Integer>,
        category -> Text,
        qualification -> Text,
        equivalence_group -> Text,
        minutes -> Integer,
        claimed_from -> Nullable<DbUuid>,
        note -> Text,
        state -> Text,
        current -> Bool,
        published_at -> Nullable<DbTime>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    subject (id) {
        id -> DbUuid,
        region -> Text,
        key -> Text,
        uscc -> Text,
        registration_no -> Text,
        name -> Text,
        search -> Text,
        kind -> Text,
        division -> Text,
        town -> Text,
        address -> Text,
        industry -> Text,
        industry_name -> Text,
        credit -> Text,
        founded -> Nullable<Date>,
        lon -> Nullable<Double>,
        lat -> Nullable<Double>,
        contact -> Text,
        phone -> Text,
        tags -> Text,
        abnormal -> Bool,
        serious -> Bool,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    subject_site (id) {
        id -> DbUuid,
        region -> Text,
        subject_id -> DbUuid,
        name -> Text,
        address -> Text,
        town -> Text,
        division -> Text,
        lon -> Nullable<Double>,
        lat -> Nullable<Double>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    subject_department (subject_id, department_id) {
        subject_id -> DbUuid,
        department_id -> DbUuid,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    subject_tag (subject_id, tag) {
        subject_id -> DbUuid,
        tag -> Text,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    inspector (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> DbUuid,
        code -> Text,
        name -> Text,
        search -> Text,
        sex -> Text,
        unit_type -> Text,
        unit -> Text,
        post -> Text,
        cert_no -> Text,
        daily_minutes -> Integer,
        can_lead -> Bool,
        reserve -> Bool,
        expert -> Bool,
        load0 -> Integer,
        email -> Text,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    certificate (id) {
        id -> DbUuid,
        region -> Text,
        inspector_id -> DbUuid,
        qual -> Text,
        qual_name -> Text,
        no -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    leave (id) {
        id -> DbUuid,
        region -> Text,
        inspector_id -> DbUuid,
        from_day -> Date,
        to_day -> Date,
        kind -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    recusal (id) {
        id -> DbUuid,
        region -> Text,
        inspector_id -> DbUuid,
        subject_id -> DbUuid,
        reason -> Text,
        source -> Text,
        state -> Text,
        decided_by -> Nullable<DbUuid>,
        decision_note -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    calendar_day (region, day) {
        region -> Text,
        day -> Date,
        workday -> Bool,
        quiet -> Bool,
        name -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    vocabulary (region, kind, code) {
        region -> Text,
        kind -> Text,
        code -> Text,
        name -> Text,
        parent -> Text,
        place -> Integer,
        state -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    alias (region, kind, word_key, target) {
        region -> Text,
        kind -> Text,
        word_key -> Text,
        word -> Text,
        target -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    cap_entry (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> DbUuid,
        subject_id -> DbUuid,
        year -> Integer,
        on_day -> Date,
        visit_id -> Nullable<DbUuid>,
        cause -> Text,
        counted -> Bool,
        note -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    plan_entry (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> DbUuid,
        code -> Text,
        year -> Integer,
        name -> Text,
        items -> Text,
        filter -> Text,
        ratio_text -> Text,
        ratio -> Text,
        class_ratios -> Text,
        window_from -> Nullable<Date>,
        window_to -> Nullable<Date>,
        window_text -> Text,
        targeted -> Bool,
        priority -> Integer,
        details -> Text,
        state -> Text,
        inspection_id -> Nullable<DbUuid>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    inspection (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> DbUuid,
        number -> Text,
        name -> Text,
        field -> Text,
        state -> Text,
        filter -> Text,
        quota -> Text,
        window_from -> Date,
        window_to -> Date,
        people_per_department -> Integer,
        notice -> Text,
        draw_rules -> Text,
        overlap -> Text,
        abort_reason -> Text,
        created_by -> DbUuid,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    inspection_item (inspection_id, item_id, department_id) {
        inspection_id -> DbUuid,
        department_id -> DbUuid,
        item_id -> DbUuid,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    participant (inspection_id, department_id) {
        inspection_id -> DbUuid,
        department_id -> DbUuid,
        region -> Text,
        role -> Text,
        people -> Integer,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    participant_person (inspection_id, inspector_id) {
        inspection_id -> DbUuid,
        inspector_id -> DbUuid,
        department_id -> DbUuid,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    invitation (id) {
        id -> DbUuid,
        region -> Text,
        inspection_id -> DbUuid,
        department_id -> DbUuid,
        state -> Text,
        sent_at -> DbTime,
        due_day -> Date,
        reminders -> Integer,
        escalated_at -> Nullable<DbTime>,
        answered_at -> Nullable<DbTime>,
        answered_by -> Nullable<DbUuid>,
        reason -> Text,
        proposed_from -> Nullable<Date>,
        proposed_to -> Nullable<Date>,
        people -> Integer,
        required -> Bool,
        wildcard -> Bool,
        message -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    numbering (region, series) {
        region -> Text,
        series -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    draw_pool (id) {
        id -> DbUuid,
        region -> Text,
        inspection_id -> DbUuid,
        place -> Integer,
        as_of -> DbTime,
        content -> Binary,
        size -> BigInt,
        excluded -> BigInt,
        root -> Text,
        created_by -> DbUuid,
        created_at -> DbTime,
        released_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    draw (id) {
        id -> DbUuid,
        region -> Text,
        inspection_id -> DbUuid,
        attempt -> Integer,
        seq -> Integer,
        round -> Integer,
        pool_id -> Nullable<DbUuid>,
        previous_id -> Nullable<DbUuid>,
        purpose -> Text,
        state -> Text,
        list_token -> Text,
        draw_id -> Text,
        policy -> Text,
        public -> Binary,
        private -> Binary,
        pool_size -> BigInt,
        drawn -> BigInt,
        not_before -> DbTime,
        deadline -> DbTime,
        reason -> Text,
        operator_id -> DbUuid,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    draw_witness (draw_id, user_id) {
        draw_id -> DbUuid,
        user_id -> DbUuid,
        token -> Text,
        commitment -> Text,
        sealed -> Binary,
        committed_at -> Nullable<DbTime>,
        revealed_at -> Nullable<DbTime>,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    drawn_subject (draw_id, subject_id) {
        draw_id -> DbUuid,
        subject_id -> DbUuid,
        inspection_id -> DbUuid,
        region -> Text,
        round -> Integer,
        place -> BigInt,
        stratum -> Text,
        state -> Text,
        reason -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    task (id) {
        id -> DbUuid,
        region -> Text,
        inspection_id -> Nullable<DbUuid>,
        code -> Text,
        department_id -> DbUuid,
        item_id -> DbUuid,
        subject_id -> DbUuid,
        earliest -> Date,
        latest -> Date,
        minutes -> Integer,
        mode -> Text,
        notice -> Text,
        priority -> Integer,
        state -> Text,
        planning_id -> Nullable<DbUuid>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    planning (id) {
        id -> DbUuid,
        region -> Text,
        name -> Text,
        state -> Text,
        period_from -> Date,
        period_to -> Date,
        inspections -> Text,
        singles -> Bool,
        input_digest -> Text,
        seed -> Text,
        draw_ref -> Text,
        basis_id -> Nullable<DbUuid>,
        basis -> Text,
        summary -> Text,
        blockers -> Text,
        changes -> Text,
        created_by -> DbUuid,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    planning_rule (id) {
        id -> DbUuid,
        region -> Text,
        subject_id -> Nullable<DbUuid>,
        tasks -> Text,
        kind -> Text,
        on_day -> Nullable<Date>,
        reason -> Text,
        state -> Text,
        created_by -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    single_task (task_id) {
        task_id -> DbUuid,
        region -> Text,
        cause -> Text,
        reason -> Text,
        created_by -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    visit (id) {
        id -> DbUuid,
        region -> Text,
        planning_id -> DbUuid,
        code -> Text,
        subject_id -> DbUuid,
        on_day -> Nullable<Date>,
        start_minute -> Nullable<Integer>,
        minutes -> Integer,
        state -> Text,
        lead_department_id -> Nullable<DbUuid>,
        announced -> Bool,
        reasons -> Text,
        dispatched_at -> Nullable<DbTime>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    visit_department (visit_id, department_id) {
        visit_id -> DbUuid,
        department_id -> DbUuid,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    visit_task (visit_id, task_id) {
        visit_id -> DbUuid,
        task_id -> DbUuid,
        region -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    seat (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        inspector_id -> DbUuid,
        department_id -> DbUuid,
        role -> Text,
        state -> Text,
        draw_ref -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    replacement (id) {
        id -> DbUuid,
        region -> Text,
        seat_id -> DbUuid,
        visit_id -> DbUuid,
        department_id -> DbUuid,
        inspector_id -> DbUuid,
        new_inspector_id -> Nullable<DbUuid>,
        cause -> Text,
        reason -> Text,
        requested_by -> Nullable<DbUuid>,
        requester -> Text,
        state -> Text,
        decided_by -> Nullable<DbUuid>,
        decision_note -> Text,
        draw_record -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    conduct (visit_id) {
        visit_id -> DbUuid,
        region -> Text,
        code -> Text,
        began_at -> Nullable<DbTime>,
        ended_at -> Nullable<DbTime>,
        end_day -> Nullable<Date>,
        obstacle -> Text,
        obstacle_note -> Text,
        statement -> Text,
        signer -> Text,
        signed -> Text,
        signed_at -> Nullable<DbTime>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    check_in (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        inspector_id -> DbUuid,
        user_id -> DbUuid,
        method -> Text,
        place -> Text,
        lon -> Nullable<Double>,
        lat -> Nullable<Double>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    result (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        task_id -> DbUuid,
        item_id -> DbUuid,
        subject_id -> DbUuid,
        department_id -> DbUuid,
        inspection_id -> Nullable<DbUuid>,
        outcomes -> Text,
        methods -> Text,
        law -> Text,
        other -> Text,
        follow_up -> Text,
        note -> Text,
        state -> Text,
        entered_by -> Nullable<DbUuid>,
        entered_at -> Nullable<DbTime>,
        confirmed_by -> Nullable<DbUuid>,
        confirmed_at -> Nullable<DbTime>,
        reviewed_by -> Nullable<DbUuid>,
        reviewed_at -> Nullable<DbTime>,
        review_note -> Text,
        approved_by -> Nullable<DbUuid>,
        approved_at -> Nullable<DbTime>,
        published_at -> Nullable<DbTime>,
        revision -> Integer,
        current -> Bool,
        previous_id -> Nullable<DbUuid>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    evidence (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        task_id -> Nullable<DbUuid>,
        department_id -> DbUuid,
        name -> Text,
        media_type -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        user_id -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    publication (visit_id, department_id) {
        visit_id -> DbUuid,
        department_id -> DbUuid,
        region -> Text,
        end_day -> Date,
        due_day -> Date,
        reminders -> Integer,
        card -> Text,
        done_at -> Nullable<DbTime>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    notice_delivery (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        for_day -> Date,
        channel -> Text,
        delivered_at -> DbTime,
        receiver -> Text,
        note -> Text,
        reason -> Text,
        in_time -> Bool,
        user_id -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    dispatch_digest (region, day) {
        region -> Text,
        day -> Date,
        until -> DbTime,
        visits -> BigInt,
        mails -> BigInt,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    rectification (id) {
        id -> DbUuid,
        region -> Text,
        result_id -> DbUuid,
        visit_id -> DbUuid,
        subject_id -> DbUuid,
        department_id -> DbUuid,
        what -> Text,
        basis -> Text,
        first_due -> Date,
        due_day -> Nullable<Date>,
        reminders -> Integer,
        overdue -> Bool,
        extension -> Text,
        report -> Text,
        reported_day -> Nullable<Date>,
        recheck -> Text,
        recheck_day -> Nullable<Date>,
        on_site -> Bool,
        state -> Text,
        ordered_by -> DbUuid,
        rechecked_by -> Nullable<DbUuid>,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    referral (id) {
        id -> DbUuid,
        region -> Text,
        kind -> Text,
        result_id -> DbUuid,
        visit_id -> DbUuid,
        subject_id -> DbUuid,
        from_id -> DbUuid,
        to_id -> DbUuid,
        what -> Text,
        basis -> Text,
        due_day -> Nullable<Date>,
        reminders -> Integer,
        overdue -> Bool,
        refusal -> Text,
        feedback -> Text,
        closing -> Text,
        sent_by -> DbUuid,
        sent_at -> DbTime,
        received_at -> Nullable<DbTime>,
        answered_at -> Nullable<DbTime>,
        closed_at -> Nullable<DbTime>,
        rounds -> Integer,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    case_filing (id) {
        id -> DbUuid,
        region -> Text,
        result_id -> DbUuid,
        visit_id -> DbUuid,
        subject_id -> DbUuid,
        department_id -> DbUuid,
        rectification_id -> Nullable<DbUuid>,
        referral_id -> Nullable<DbUuid>,
        number -> Text,
        cause -> Text,
        filed_day -> Date,
        outcome -> Text,
        closed_day -> Nullable<Date>,
        filed_by -> DbUuid,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    mailing (id) {
        id -> DbUuid,
        region -> Text,
        result_id -> DbUuid,
        visit_id -> DbUuid,
        subject_id -> DbUuid,
        department_id -> DbUuid,
        round -> Integer,
        first_kind -> Text,
        first_number -> Text,
        first_day -> Date,
        first_end -> Text,
        first_end_day -> Nullable<Date>,
        second_kind -> Text,
        second_number -> Text,
        second_day -> Nullable<Date>,
        second_end -> Text,
        second_end_day -> Nullable<Date>,
        reminder_kind -> Text,
        reminder_day -> Nullable<Date>,
        reminder_note -> Text,
        due_day -> Nullable<Date>,
        reminders -> Integer,
        overdue -> Bool,
        reached_day -> Nullable<Date>,
        opinions -> Text,
        decided_by -> Nullable<DbUuid>,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    commission (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        department_id -> DbUuid,
        inspector_id -> Nullable<DbUuid>,
        party -> Text,
        what -> Text,
        due_day -> Nullable<Date>,
        reminders -> Integer,
        overdue -> Bool,
        evidence_id -> Nullable<DbUuid>,
        report_sha256 -> Text,
        reported_at -> Nullable<DbTime>,
        reason -> Text,
        ordered_by -> DbUuid,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    recognition (id) {
        id -> DbUuid,
        region -> Text,
        task_id -> DbUuid,
        department_id -> DbUuid,
        subject_id -> DbUuid,
        result_id -> DbUuid,
        inspection_id -> Nullable<DbUuid>,
        end_day -> Date,
        reason -> Text,
        user_id -> DbUuid,
        on_day -> Date,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    completion (id) {
        id -> DbUuid,
        region -> Text,
        task_id -> DbUuid,
        result_id -> DbUuid,
        visit_id -> DbUuid,
        department_id -> DbUuid,
        on_day -> Date,
        note -> Text,
        user_id -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    rating (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        scores -> Text,
        words -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    complaint (id) {
        id -> DbUuid,
        region -> Text,
        visit_id -> DbUuid,
        words -> Text,
        contact -> Text,
        answer -> Text,
        closing -> Text,
        taken_by -> Nullable<DbUuid>,
        taken_at -> Nullable<DbTime>,
        answered_at -> Nullable<DbTime>,
        closed_at -> Nullable<DbTime>,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    return_round (id) {
        id -> DbUuid,
        region -> Text,
        from_day -> Date,
        to_day -> Date,
        count -> Integer,
        pool -> Text,
        pool_hash -> Text,
        nonce -> Text,
        checkpoint -> Text,
        seed -> Text,
        announced_by -> DbUuid,
        drawn_at -> Nullable<DbTime>,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    return_visit (id) {
        id -> DbUuid,
        region -> Text,
        round_id -> DbUuid,
        visit_id -> DbUuid,
        number -> Integer,
        rank -> Integer,
        answers -> Text,
        words -> Text,
        asked_by -> Nullable<DbUuid>,
        asked_day -> Nullable<Date>,
        state -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    card (id) {
        id -> DbUuid,
        region -> Text,
        department_id -> DbUuid,
        kind -> Text,
        object_id -> DbUuid,
        color -> Text,
        reason -> Text,
        due_day -> Date,
        state -> Text,
        acknowledged_by -> Nullable<DbUuid>,
        acknowledged_at -> Nullable<DbTime>,
        note -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    plan_base (plan_id) {
        plan_id -> DbUuid,
        region -> Text,
        on_day -> Date,
        subjects -> BigInt,
        classes -> Text,
        sha256 -> Text,
        created_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    scorecard (region, year) {
        region -> Text,
        year -> Integer,
        weights -> Text,
        version -> BigInt,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    score_evidence (id) {
        id -> DbUuid,
        region -> Text,
        year -> Integer,
        department_id -> DbUuid,
        indicator -> Integer,
        name -> Text,
        media_type -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        user_id -> DbUuid,
        state -> Text,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        note -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::joinable!(department -> region (region));
diesel::joinable!(user_account -> region (region));
diesel::joinable!(user_account -> department (department_id));
diesel::joinable!(user_role -> user_account (user_id));
diesel::joinable!(login_session -> user_account (user_id));
diesel::joinable!(item -> region (region));
diesel::joinable!(item -> department (department_id));
diesel::joinable!(subject -> region (region));
diesel::joinable!(subject_site -> subject (subject_id));
diesel::joinable!(subject_department -> subject (subject_id));
diesel::joinable!(subject_department -> department (department_id));
diesel::joinable!(subject_tag -> subject (subject_id));
diesel::joinable!(inspector -> region (region));
diesel::joinable!(inspector -> department (department_id));
diesel::joinable!(certificate -> inspector (inspector_id));
diesel::joinable!(leave -> inspector (inspector_id));
diesel::joinable!(recusal -> inspector (inspector_id));
diesel::joinable!(recusal -> subject (subject_id));
diesel::joinable!(cap_entry -> department (department_id));
diesel::joinable!(cap_entry -> subject (subject_id));
diesel::joinable!(plan_entry -> region (region));
diesel::joinable!(plan_entry -> department (department_id));
diesel::joinable!(inspection -> region (region));
diesel::joinable!(inspection -> department (department_id));
diesel::joinable!(inspection_item -> inspection (inspection_id));
diesel::joinable!(inspection_item -> department (department_id));
diesel::joinable!(inspection_item -> item (item_id));
diesel::joinable!(participant -> inspection (inspection_id));
diesel::joinable!(participant -> department (department_id));
diesel::joinable!(participant_person -> inspection (inspection_id));
diesel::joinable!(participant_person -> inspector (inspector_id));
diesel::joinable!(invitation -> inspection (inspection_id));
diesel::joinable!(invitation -> department (department_id));
diesel::joinable!(draw -> inspection (inspection_id));
diesel::joinable!(draw_witness -> draw (draw_id));
diesel::joinable!(draw_witness -> user_account (user_id));
diesel::joinable!(drawn_subject -> draw (draw_id));
diesel::joinable!(drawn_subject -> subject (subject_id));
diesel::joinable!(task -> inspection (inspection_id));
diesel::joinable!(task -> department (department_id));
diesel::joinable!(task -> item (item_id));
diesel::joinable!(task -> subject (subject_id));
diesel::joinable!(visit -> planning (planning_id));
diesel::joinable!(visit -> subject (subject_id));
diesel::joinable!(visit_department -> visit (visit_id));
diesel::joinable!(visit_department -> department (department_id));
diesel::joinable!(visit_task -> visit (visit_id));
diesel::joinable!(visit_task -> task (task_id));
diesel::joinable!(seat -> visit (visit_id));
diesel::joinable!(seat -> inspector (inspector_id));
diesel::joinable!(replacement -> seat (seat_id));
diesel::joinable!(replacement -> visit (visit_id));
diesel::joinable!(conduct -> visit (visit_id));
diesel::joinable!(check_in -> visit (visit_id));
diesel::joinable!(check_in -> inspector (inspector_id));
diesel::joinable!(result -> visit (visit_id));
diesel::joinable!(result -> task (task_id));
diesel::joinable!(result -> item (item_id));
diesel::joinable!(result -> subject (subject_id));
diesel::joinable!(result -> department (department_id));
diesel::joinable!(evidence -> visit (visit_id));
diesel::joinable!(evidence -> department (department_id));
diesel::joinable!(publication -> visit (visit_id));
diesel::joinable!(notice_delivery -> visit (visit_id));
diesel::joinable!(publication -> department (department_id));
diesel::joinable!(rectification -> result (result_id));
diesel::joinable!(rectification -> visit (visit_id));
diesel::joinable!(rectification -> subject (subject_id));
diesel::joinable!(rectification -> department (department_id));
diesel::joinable!(referral -> result (result_id));
diesel::joinable!(referral -> visit (visit_id));
diesel::joinable!(referral -> subject (subject_id));
diesel::joinable!(case_filing -> result (result_id));
diesel::joinable!(case_filing -> visit (visit_id));
diesel::joinable!(case_filing -> subject (subject_id));
diesel::joinable!(case_filing -> department (department_id));
diesel::joinable!(mailing -> result (result_id));
diesel::joinable!(mailing -> visit (visit_id));
diesel::joinable!(mailing -> subject (subject_id));
diesel::joinable!(mailing -> department (department_id));
diesel::joinable!(commission -> visit (visit_id));
diesel::joinable!(commission -> department (department_id));
diesel::joinable!(recognition -> task (task_id));
diesel::joinable!(recognition -> department (department_id));
diesel::joinable!(recognition -> subject (subject_id));
diesel::joinable!(recognition -> result (result_id));
diesel::joinable!(completion -> task (task_id));
diesel::joinable!(completion -> result (result_id));
diesel::joinable!(completion -> visit (visit_id));
diesel::joinable!(completion -> department (department_id));
diesel::joinable!(rating -> visit (visit_id));
diesel::joinable!(complaint -> visit (visit_id));
diesel::joinable!(return_visit -> return_round (round_id));
diesel::joinable!(return_visit -> visit (visit_id));

diesel::allow_tables_to_appear_in_same_query!(
    region,
    department,
    user_account,
    user_role,
    login_session,
    throttle,
    idempotency,
    setting,
    journal_event,
    journal_tile,
    journal_checkpoint,
    sequencer,
    outbox,
    job,
    upload,
    item,
    subject,
    subject_site,
    subject_department,
    subject_tag,
    inspector,
    certificate,
    leave,
    recusal,
    calendar_day,
    vocabulary,
    alias,
    cap_entry,
    plan_entry,
    inspection,
    inspection_item,
    participant,
    participant_person,
    invitation,
    draw,
    draw_witness,
    drawn_subject,
    task,
    planning,
    planning_rule,
    single_task,
    visit,
    visit_department,
    visit_task,
    seat,
    replacement,
    numbering,
    draw_pool,
    conduct,
    check_in,
    result,
    evidence,
    publication,
    notice_delivery,
    dispatch_digest,
    rectification,
    referral,
    case_filing,
    mailing,
    commission,
    recognition,
    completion,
    rating,
    complaint,
    return_round,
    return_visit,
    card,
    plan_base,
    scorecard,
    score_evidence
);
